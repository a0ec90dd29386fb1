"""The user's own OpenSSH, and what it says when it fails."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from contextvars import ContextVar

from chdkshell import waits
from chdkshell.errors import ChdkShellError, ConnectError, DisconnectedError, printable_name
from chdkshell.flow import CancelToken
from chdkshell.reasons import Reason
from chdkshell.transport.greeting import VERSION, version_in
from chdkshell.transport.ssh_target import SshTarget

may_ask: ContextVar[bool] = ContextVar("may_ask", default=False)
"""Whether ssh may ask its user at the terminal: for a password, or whether a host is right."""

ANSWER_SECONDS = 30.0
"""How long a host may take to greet, where nobody is asked anything."""

END_SECONDS = 2.0
"""How long ssh may take to say why the connection ended."""

MAX_NOISE = 1 << 16
"""Bytes that a login file may print before the greeting."""

_KEPT_LINES = 20

_FAILED, _NOT_FOUND, _WRONG_USE = 255, 127, 2
"""Exit statuses: of ssh itself, of a shell there, and of an older chdkshell there."""

_SHIELD = 'trap "" INT; exec "$@"'
"""Keeps Ctrl-C from ssh, which ends the command here and not the connection."""

_CAUSES = (
    (r"host key verification failed|host identification has changed", Reason.SSH_HOST_KEY),
    (r"permission denied|too many authentication failures", Reason.SSH_DENIED),
)
"""What ssh says, which has one language, and what that means."""


class SshProcess:
    """ssh, with a command of chdkshell on the other computer; `await_greeting` first.

    Raises `ConnectError` where there is no ssh.
    """

    def __init__(self, target: SshTarget, words: Sequence[str]) -> None:
        self._target = target
        self._said: deque[str] = deque(maxlen=_KEPT_LINES)
        asks = may_ask.get()
        options = ["-p", str(target.port)] if target.port else []
        if not asks:
            options += ["-o", "BatchMode=yes"]
        command = ["ssh", "-T", *options, "--", target.login, shlex.join(["chdkshell", *words])]
        if asks and os.name == "posix":
            command = ["sh", "-c", _SHIELD, "sh", *command]
        group = 0
        if sys.platform == "win32":
            group = subprocess.CREATE_NEW_PROCESS_GROUP
        pipe = subprocess.PIPE
        try:
            self._process = subprocess.Popen(
                command,
                bufsize=0,
                stdin=pipe,
                stdout=pipe,
                stderr=pipe,
                start_new_session=not asks and sys.platform != "win32",
                creationflags=group,
            )
        except OSError as error:
            raise ConnectError(
                f"{target.place}: ssh cannot be run: {error.strerror}", reason=Reason.NO_SSH
            ) from error
        self._listener = threading.Thread(target=self._listen, name="ssh's words", daemon=True)
        self._listener.start()

    def await_greeting(self, cancel: CancelToken) -> None:
        """Wait until chdkshell greets from the other end. Raises `ConnectError`, `Cancelled`."""
        deadline = None if may_ask.get() else time.monotonic() + ANSWER_SECONDS

        def check() -> None:
            cancel.check()
            if deadline is not None and time.monotonic() > deadline:
                raise ConnectError(
                    f"{self._target.place} did not answer in {ANSWER_SECONDS:g} s",
                    reason=Reason.SSH_FAILED,
                )

        try:
            version = waits.result_of(self._greeting, check)
            if version is None:
                raise self._failure()
        except BaseException:
            self.close()
            raise
        if version != VERSION:
            self.close()
            raise ConnectError(
                f"{self._target.place}: chdkshell there speaks version {version} of sharing, "
                f"this one {VERSION}",
                reason=Reason.OTHER_VERSION,
            )

    def read_line(self) -> bytes:
        """Return a line from the other end, b"" where there is none any more."""
        assert self._process.stdout is not None
        line = bytearray()
        while not line.endswith(b"\n") and len(line) < MAX_NOISE:
            # byte by byte: what follows the line is not for this
            byte = os.read(self._process.stdout.fileno(), 1)
            if not byte:
                return b""
            line += byte
        return bytes(line)

    def take_pipes(self) -> tuple[int, int]:
        """Return file descriptors for what comes and what goes. They are the caller's to close."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        pipes = os.dup(self._process.stdout.fileno()), os.dup(self._process.stdin.fileno())
        self._process.stdout.close()
        self._process.stdin.close()
        return pipes

    def why_ended(self, error: DisconnectedError) -> DisconnectedError:
        """Return the error for a connection that ended, with what ssh or the other end said."""
        self._await_end()
        said = self._own_error()
        if said is not None:
            return DisconnectedError(*said, reason=Reason.FAR_CAMERA)
        word = self._last_word()
        return DisconnectedError(
            f"{self._target.place}: the connection ended" + (f": {word}" if word else ""),
            reason=Reason.SSH_ENDED,
        )

    def close(self) -> None:
        """End ssh, if it does not end by itself. Never raises."""
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with suppress(OSError):
                    pipe.close()
        with suppress(OSError):
            self._process.terminate()

    # ---- what it says ---------------------------------------------------------------------------

    def _listen(self) -> None:
        assert self._process.stderr is not None
        with self._process.stderr as words:
            for line in iter(words.readline, b""):
                text = printable_name(line.decode("utf-8", "replace").strip())
                if text:
                    self._said.append(text)
        self._process.wait()

    def _greeting(self) -> int | None:
        """Return the version that the other end speaks, None where it ends without a greeting."""
        noise = 0
        while noise < MAX_NOISE and (line := self.read_line()):
            version = version_in(line)
            if version is not None:
                return version
            noise += len(line)
        return None

    def _await_end(self) -> None:
        waits.ended(self._listener, END_SECONDS)

    def _failure(self) -> ChdkShellError:
        """Return the error for an end before the greeting."""
        self._await_end()
        place, login = self._target.place, self._target.login
        status, said = self._process.poll(), "\n".join(self._said)
        data = {"host": login, "port": f"-p {self._target.port} " if self._target.port else ""}
        own = self._own_error()
        if own is not None and status != _FAILED:
            return ConnectError(*own, reason=Reason.FAR_CAMERA)
        if status == _NOT_FOUND:
            return ConnectError(
                f"{place}: there is no chdkshell", reason=Reason.NO_FAR_CHDKSHELL, data=data
            )
        if status == _WRONG_USE:
            return ConnectError(
                f"{place}: the chdkshell there is too old to share cameras",
                reason=Reason.OTHER_VERSION,
            )
        word = self._last_word() or "nothing that answers is chdkshell"
        for pattern, reason in _CAUSES:
            if status == _FAILED and re.search(pattern, said, re.IGNORECASE):
                return ConnectError(f"{place}: {word}", reason=reason, data=data)
        return ConnectError(f"{place}: {word}", reason=Reason.SSH_FAILED, data=data)

    def _own_error(self) -> tuple[str, str] | None:
        """Return what chdkshell at the other end says went wrong, and what to do about it."""
        for line in self._said:
            if line.startswith("ERROR: "):
                message, _, detail = line.removeprefix("ERROR: ").partition("; ")
                return f"{self._target.place}: {message}", detail
        return None

    def _last_word(self) -> str:
        return self._said[-1].removesuffix(".") if self._said else ""
