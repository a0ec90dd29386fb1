/*
 * Preloaded into a program that uses libusb: sends it to an emulated USB bus.
 *
 * Paths below /sys, /dev/bus/usb and /run/udev/data are looked up below $USB_BUS_ROOT. Opening a
 * device node there also connects to the bus's server (see usbfs.py), which then answers every
 * ioctl() and read() on the node. It reaches into this process's memory by asking for it:
 *
 *   to the server    struct message { IOCTL | READ, request | address, argument | length }
 *   from the server  { PEEK, address, length }   answered with the bytes
 *                    { POKE, address, length }   followed by the bytes
 *                    { DONE, result, errno }     the call returns
 *
 * The node itself is a FIFO, opened for writing, so that poll() works as on usbfs: writable while
 * a transfer can be reaped, in error once the device is unplugged.
 *
 * Linux with glibc.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/vfs.h>
#include <unistd.h>

#define NODES "/dev/bus/usb/"
#define MAX_FD 4096

enum { IOCTL = 1, READ = 2, DONE = 3, PEEK = 4, POKE = 5 };

struct message {
	unsigned long what, first, second;
};

/* Per descriptor of a device node: the connection to the server, plus one; 0 for other files. */
static struct {
	int connection;
	pthread_mutex_t lock;
} nodes[MAX_FD];

/* The function of that name which this library hides. */
#define NEXT(name)                                                                                 \
	static __typeof__(&name) next;                                                             \
	if (!next)                                                                                 \
	next = (__typeof__(&name))dlsym(RTLD_NEXT, #name)

/* ---- paths ---------------------------------------------------------------------------------- */

static const char *bus_root(void)
{
	const char *root = getenv("USB_BUS_ROOT");

	return root && *root ? root : NULL;
}

static int is_below(const char *path, const char *folder)
{
	size_t length = strlen(folder);

	return !strncmp(path, folder, length) && (!path[length] || path[length] == '/');
}

/* Whether the descriptor is that of "/": libudev walks from there with openat(). */
static int is_root_folder(int fd)
{
	char link[32], target[8];

	snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
	return readlink(link, target, sizeof target) == 1 && *target == '/';
}

/* The path to use in place of `path`; `buffer` holds PATH_MAX bytes. */
static const char *mapped(int folder, const char *path, char *buffer)
{
	const char *root = bus_root();

	if (!root || !path)
		return path;
	if (is_below(path, "/sys") || is_below(path, "/dev/bus/usb") ||
	    is_below(path, "/run/udev/data"))
		snprintf(buffer, PATH_MAX, "%s%s", root, path);
	else if (folder >= 0 && (is_below(path, "sys") || is_below(path, "dev")) &&
		 is_root_folder(folder))
		snprintf(buffer, PATH_MAX, "%s/%s", root, path);
	else
		return path;
	return buffer;
}

/* ---- the conversation with the server ------------------------------------------------------- */

static int send_all(int fd, const void *data, size_t left)
{
	while (left) {
		ssize_t count = send(fd, data, left, MSG_NOSIGNAL);

		if (count < 0 && errno == EINTR)
			continue;
		if (count <= 0)
			return -1;
		data = (const char *)data + count;
		left -= count;
	}
	return 0;
}

static int receive_all(int fd, void *data, size_t left)
{
	while (left) {
		ssize_t count = recv(fd, data, left, 0);

		if (count < 0 && errno == EINTR)
			continue;
		if (count <= 0)
			return -1;
		data = (char *)data + count;
		left -= count;
	}
	return 0;
}

/* Serves the server's wishes until the call is done. Returns 0 if the server is gone. */
static int serve(int connection, struct message *message)
{
	for (;;) {
		if (receive_all(connection, message, sizeof *message))
			return 0;
		if (message->what == DONE)
			return 1;
		void *memory = (void *)message->first;
		if (message->what == PEEK ? send_all(connection, memory, message->second)
					  : receive_all(connection, memory, message->second))
			return 0;
	}
}

static long call_server(int fd, unsigned long what, unsigned long first, unsigned long second)
{
	struct message message = { what, first, second };
	int connection = nodes[fd].connection - 1;
	sigset_t all, before;
	int done;

	/* A signal handler of Python's must not run in the middle of a message. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	pthread_mutex_lock(&nodes[fd].lock);
	done = !send_all(connection, &message, sizeof message) && serve(connection, &message);
	pthread_mutex_unlock(&nodes[fd].lock);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (done && !message.second)
		return (long)message.first;
	errno = done ? (int)message.second : ENODEV;
	return -1;
}

static int is_node(const char *path)
{
	return bus_root() && path && !strncmp(path, NODES, strlen(NODES));
}

/* Connects the opened node `fd` to its server, which greets with an errno. Returns `fd` or -1. */
static int connect_node(int fd, const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int connection, refusal = ENODEV;

	snprintf(address.sun_path, sizeof address.sun_path, "%s/server%s", bus_root(), path);
	connection = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (connection >= 0 && fd < MAX_FD &&
	    !connect(connection, (struct sockaddr *)&address, sizeof address))
		receive_all(connection, &refusal, sizeof refusal);
	if (refusal) {
		close(connection);
		close(fd);
		errno = refusal;
		return -1;
	}
	pthread_mutex_init(&nodes[fd].lock, NULL);
	nodes[fd].connection = connection + 1;
	return fd;
}

/* ---- opening -------------------------------------------------------------------------------- */

static int opened(int fd, const char *path, int flags)
{
	return fd >= 0 && is_node(path) && !(flags & O_DIRECTORY) ? connect_node(fd, path) : fd;
}

static int open_flags(const char *path, int flags)
{
	if (!is_node(path) || flags & O_DIRECTORY)
		return flags;
	return (flags & ~O_ACCMODE) | O_WRONLY | O_NONBLOCK;
}

#define READ_MODE                                                                                  \
	mode_t mode = 0;                                                                           \
	if (flags & (O_CREAT | O_TMPFILE)) {                                                       \
		va_list rest;                                                                      \
		va_start(rest, flags);                                                             \
		mode = va_arg(rest, mode_t);                                                       \
		va_end(rest);                                                                      \
	}

#define OPEN(name)                                                                                 \
	int name(const char *path, int flags, ...)                                                 \
	{                                                                                          \
		char buffer[PATH_MAX];                                                             \
		READ_MODE                                                                          \
		NEXT(name);                                                                        \
		return opened(next(mapped(-1, path, buffer), open_flags(path, flags), mode), path, \
			      flags);                                                              \
	}

#define OPENAT(name)                                                                               \
	int name(int folder, const char *path, int flags, ...)                                     \
	{                                                                                          \
		char buffer[PATH_MAX];                                                             \
		READ_MODE                                                                          \
		NEXT(name);                                                                        \
		return opened(next(folder, mapped(folder, path, buffer), open_flags(path, flags),  \
				   mode),                                                          \
			      path, flags);                                                        \
	}

OPEN(open)
OPEN(open64)
OPENAT(openat)
OPENAT(openat64)

/* What open() becomes with _FORTIFY_SOURCE. */
int __open_2(const char *path, int flags) { return open(path, flags); }
int __open64_2(const char *path, int flags) { return open64(path, flags); }

/* ---- looking up ----------------------------------------------------------------------------- */

#define LOOKUP(type, name, parameters, arguments)                                                  \
	type name parameters                                                                       \
	{                                                                                          \
		char buffer[PATH_MAX];                                                             \
		NEXT(name);                                                                        \
		return next arguments;                                                             \
	}

#define PATH mapped(-1, path, buffer)
#define PATH_IN mapped(folder, path, buffer)

LOOKUP(DIR *, opendir, (const char *path), (PATH))
LOOKUP(FILE *, fopen, (const char *path, const char *mode), (PATH, mode))
LOOKUP(FILE *, fopen64, (const char *path, const char *mode), (PATH, mode))
LOOKUP(int, access, (const char *path, int mode), (PATH, mode))
LOOKUP(int, faccessat, (int folder, const char *path, int mode, int flags),
       (folder, PATH_IN, mode, flags))
LOOKUP(int, stat, (const char *path, struct stat *status), (PATH, status))
LOOKUP(int, lstat, (const char *path, struct stat *status), (PATH, status))
LOOKUP(int, stat64, (const char *path, struct stat64 *status), (PATH, status))
LOOKUP(int, lstat64, (const char *path, struct stat64 *status), (PATH, status))
LOOKUP(int, fstatat, (int folder, const char *path, struct stat *status, int flags),
       (folder, PATH_IN, status, flags))
LOOKUP(int, fstatat64, (int folder, const char *path, struct stat64 *status, int flags),
       (folder, PATH_IN, status, flags))
LOOKUP(int, statx,
       (int folder, const char *restrict path, int flags, unsigned mask,
	struct statx *restrict status),
       (folder, PATH_IN, flags, mask, status))

/* A link that leads to this bus, as those below /proc/.../fd, is shown as the kernel would. */
static ssize_t shown(char *target, ssize_t length)
{
	const char *root = bus_root();
	ssize_t extra = root ? (ssize_t)strlen(root) : 0;

	if (!extra || length <= extra || strncmp(target, root, extra) || target[extra] != '/')
		return length;
	memmove(target, target + extra, length - extra);
	return length - extra;
}

ssize_t readlink(const char *path, char *target, size_t size)
{
	char buffer[PATH_MAX];
	NEXT(readlink);
	return shown(target, next(PATH, target, size));
}

ssize_t readlinkat(int folder, const char *path, char *target, size_t size)
{
	char buffer[PATH_MAX];
	NEXT(readlinkat);
	return shown(target, next(folder, PATH_IN, target, size));
}

static ssize_t real_readlink(const char *path, char *target, size_t size)
{
	NEXT(readlink);
	return next(path, target, size);
}

/* libudev believes in /sys only on a file system of type sysfs. */
static int is_sys(const char *path)
{
	const char *root = bus_root();

	return root && is_below(path, root) && is_below(path + strlen(root), "/sys");
}

#define STATFS(name, type)                                                                         \
	int name(const char *path, struct type *status)                                            \
	{                                                                                          \
		char buffer[PATH_MAX];                                                             \
		NEXT(name);                                                                        \
		const char *real = PATH;                                                           \
		int result = next(real, status);                                                   \
		if (!result && is_sys(real))                                                       \
			status->f_type = SYSFS_MAGIC;                                              \
		return result;                                                                     \
	}

#define FSTATFS(name, type)                                                                        \
	int name(int fd, struct type *status)                                                      \
	{                                                                                          \
		char link[32], real[PATH_MAX];                                                     \
		NEXT(name);                                                                        \
		int result = next(fd, status);                                                     \
		snprintf(link, sizeof link, "/proc/self/fd/%d", fd);                               \
		ssize_t length = real_readlink(link, real, sizeof real - 1);                       \
		real[length > 0 ? length : 0] = 0;                                                 \
		if (!result && is_sys(real))                                                       \
			status->f_type = SYSFS_MAGIC;                                              \
		return result;                                                                     \
	}

STATFS(statfs, statfs)
STATFS(statfs64, statfs64)
FSTATFS(fstatfs, statfs)
FSTATFS(fstatfs64, statfs64)

/* ---- calls on an open node ------------------------------------------------------------------ */

static int is_connected(int fd) { return fd >= 0 && fd < MAX_FD && nodes[fd].connection; }

int ioctl(int fd, unsigned long request, ...)
{
	va_list rest;
	NEXT(ioctl);

	va_start(rest, request);
	void *argument = va_arg(rest, void *);
	va_end(rest);
	if (!is_connected(fd))
		return next(fd, request, argument);
	return (int)call_server(fd, IOCTL, (unsigned)request, (unsigned long)argument);
}

ssize_t read(int fd, void *data, size_t size)
{
	NEXT(read);

	if (!is_connected(fd))
		return next(fd, data, size);
	return call_server(fd, READ, (unsigned long)data, size);
}

int close(int fd)
{
	NEXT(close);

	if (is_connected(fd)) {
		next(nodes[fd].connection - 1);
		nodes[fd].connection = 0;
	}
	return next(fd);
}
