"""Files on the card: what goes there comes back, under its name, with its time."""

from __future__ import annotations

import time

from chdkshell.chdk.cameratime import TIME_STEP
from chdkshell.errors import CardError, ChdkShellError, PtpError
from chdkshell.lua.literals import serialize
from chdkshell.ptp.codes import ResponseCode
from chdkshell.selftest.bench import Bench
from chdkshell.selftest.checks import Trial
from chdkshell.selftest.outcomes import AbsentError, require, require_bytes, require_equal
from chdkshell.streams import NullSink

SIZES = (0, 1, 2, 3, 63, 64, 100, 480, 1000, 4096, 10_000, 65_536, 300_000)
"""Bytes of files, or a few less where some camera is known to hang."""

LARGE = 2_000_000
"""Bytes of the file that tells the speed."""

MANY = 40
"""Files in a folder that is listed."""

TIMES = (1_000_000_000, 1_500_000_001, 1_700_000_002)
"""Times that files get: 2001, 2017 and 2023."""

CLOCK_SECONDS = 10
"""How far the time of a new file may be from the camera's clock."""


def come_back(bench: Bench, name: str, data: bytes) -> None:
    """Write a file, look at it, read it, and delete it."""
    path = bench.write(name, data)
    what = f"a file of {len(data)} bytes"
    entry = bench.camera.files.stat(path, bench.cancel)
    require_equal(f"the size of {what}", entry.size, len(data))
    require_bytes(what, bench.read(path), data)
    bench.camera.files.remove(path, bench.cancel)
    require(not bench.camera.files.exists(path, bench.cancel), f"{what} is not deleted", "it is")


def sizes(bench: Bench) -> str:
    """Files of many sizes, empty ones too."""
    for wanted in SIZES:
        come_back(bench, "SIZE.BIN", bench.data(bench.quiet_size(wanted)))
    return f"{len(SIZES)} sizes, 0 to {max(SIZES)} bytes, up and back"


def contents(bench: Bench) -> str:
    """Bytes that could mean something else than themselves."""
    everything = bytes(range(256)) * 3
    kinds = (everything, b"\r\n" * 100, b"\n\r\x1a\x04\0" * 50, bytes(700), b"\xff" * 700)
    for data in kinds:
        come_back(bench, "BYTES.BIN", data[: bench.quiet_size(len(data))])
    return "all bytes, line ends, zeros"


def speed(bench: Bench) -> str:
    """A large file."""
    data = bench.data(bench.quiet_size(LARGE))
    start = time.monotonic()
    path = bench.write("LARGE.BIN", data)
    there = time.monotonic()
    got = bench.read(path)
    back = time.monotonic()
    require_bytes("a large file", got, data)
    bench.camera.files.remove(path, bench.cancel)
    up, down = (len(data) / 1000 / max(s, 1e-6) for s in (there - start, back - there))
    bench.measured.update(to_camera_kb_s=round(up), to_computer_kb_s=round(down))
    return f"{up / 1000:.1f} MB/s to the camera, {down / 1000:.1f} MB/s from it"


def replacing(bench: Bench) -> str:
    """A file takes the place of a longer one, gets another name, and is deleted."""
    files = bench.camera.files
    path = bench.write("FIRST.TXT", b"a longer text than the next")
    bench.write("FIRST.TXT", b"short")
    require_bytes("the file that was replaced", bench.read(path), b"short")
    moved = files.move(path, bench.path("SECOND.TXT"), bench.cancel)
    require(not files.exists(path, bench.cancel), "the old name is still there", "it is gone")
    require_bytes("the renamed file", bench.read(moved), b"short")
    files.remove(moved, bench.cancel)
    require(not files.exists(moved, bench.cancel), "the deleted file is there", "it is gone")
    return "a file is replaced, renamed and deleted"


def short_names(bench: Bench) -> str:
    """Names of eight letters and three."""
    for name in ("A", "ABCDEFGH.TXT", "A1_-B1.X", "12345678.123"):
        seen = names_after(bench, name)
        require(seen == [name], f"{seen} listed", f"['{name}']")
    return "8 letters and 3"


def long_names(bench: Bench) -> str:
    """Longer names, with blanks and small letters."""
    for name in ("A longer name.text", "two dots.in.it", "Mixed_Case-Name.Jpeg"):
        try:
            seen = names_after(bench, name)
        except (CardError, PtpError) as error:
            raise AbsentError(f"the card takes no long names ({error.reason.value})") from error
        if seen != [name]:
            raise AbsentError(f"long names become others: {seen}")
    return "14 to 20 letters, with blanks and small letters"


def names_after(bench: Bench, name: str) -> list[str]:
    """Return what a folder holds in which a file of that name was made, and remove it."""
    files = bench.camera.files
    folder = bench.path("NAMES")
    files.mkdir(folder, bench.cancel)
    try:
        files.write(f"{folder}/{name}", b"named", cancel=bench.cancel)
        require_bytes("the file", bench.read(f"{folder}/{name}"), b"named")
        return files.listdir(folder, bench.cancel)
    finally:
        files.remove_tree(folder)


def letter_case(bench: Bench) -> str:
    """Small and capital letters make no other file."""
    path = bench.write("CASE.TXT", b"one file")
    require_bytes("case.txt", bench.read(bench.path("case.txt")), b"one file")
    bench.camera.files.remove(path, bench.cancel)
    return "CASE.TXT is case.txt, too"


def times(bench: Bench) -> str:
    """Files keep the time that they are given; new ones have that of the clock."""
    path = serialize(bench.path("TIME.TXT"))
    code = f"local f=io.open({path},'wb') f:write('x') f:close() "
    made, now = bench.numbers(f"{code} return os.stat({path}).mtime,os.time()", 2)
    late = made - now
    require(
        abs(late) <= CLOCK_SECONDS, f"a new file is {late} s from the clock", "the clock's time"
    )
    for wanted in TIMES:
        seen = bench.number(
            f"local ok,why=os.utime({path},{wanted},{wanted}) if not ok then error(why) end "
            f"return os.stat({path}).mtime"
        )
        require(
            abs(seen - wanted) <= TIME_STEP,
            f"a time given is {seen - wanted:+d} s off",
            f"{TIME_STEP} s at most",
        )
    entry = bench.camera.files.stat(bench.path("TIME.TXT"), bench.cancel)
    require_equal("the time in the listing", entry.mtime, seen)
    bench.camera.files.remove(entry.path, bench.cancel)
    return "times that were given, and those of new files"


def listing(bench: Bench) -> str:
    """A folder of many files is listed whole."""
    folder = bench.path("MANY")
    code = f"""os.mkdir('{folder}') os.mkdir('{folder}/SUB')
for n=1,{MANY} do
local f=io.open(string.format('{folder}/FILE%03d.TXT',n),'wb') f:write(string.rep('x',n)) f:close()
end"""
    bench.lua(code)
    entries = bench.camera.files.scandir(folder, bench.cancel)
    wanted = {f"FILE{n:03d}.TXT": n for n in range(1, MANY + 1)}
    seen = {entry.name: entry.size for entry in entries if entry.is_file}
    require(len(entries) == MANY + 1, f"{len(entries)} entries", f"{MANY + 1}")
    require(set(seen) == set(wanted), f"{len(set(seen) & set(wanted))} of the files", f"{MANY}")
    wrong = [name for name, size in wanted.items() if seen[name] != size]
    require(not wrong, f"{len(wrong)} sizes are wrong", "those that were written")
    folders = [entry.name for entry in entries if entry.is_dir]
    require_equal("the folders", folders, ["SUB"])
    bench.camera.files.remove_tree(folder, cancel=bench.cancel)
    there = bench.camera.files.exists(folder, bench.cancel)
    require(not there, "the deleted folder is there", "it is gone")
    return f"{MANY} files and a folder, listed and deleted"


def refusals(bench: Bench) -> str:
    """What is not there is not read, and the camera goes on."""
    for path in (bench.path("NOTHING.BIN"), bench.path("NO/FOLDER.BIN")):
        try:
            bench.read(path)
        except ChdkShellError as error:
            require(isinstance(error, CardError | PtpError), f"{error}", "a refusal")
        else:
            require(False, "a file that is not there was read", "a refusal")
    protocol = bench.camera.protocol
    try:
        protocol.download_file(bench.path("NOTHING.BIN").encode(), NullSink(), cancel=bench.cancel)
    except PtpError as error:
        seen = f"the camera answered 0x{error.code:04X}"
        require(error.code == ResponseCode.GENERAL_ERROR, seen, "GeneralError (0x2002)")
    else:
        require(False, "a file that is not there was read", "a refusal")
    require_equal("what a script returns", bench.lua("return 'fine'"), "fine")
    return "files that are not there are refused"


def space(bench: Bench) -> str:
    """The card tells how large it is."""
    found = bench.camera.files.space(bench.cancel)
    seen = f"{found.free >> 20} of {found.total >> 20} MB free"
    require(0 < found.free <= found.total, seen, "more than nothing, and not more than all")
    return "size and free space"


CHECKS = (
    Trial("file sizes", "files come back as they were sent", sizes),
    Trial("file contents", "files come back as they were sent", contents),
    Trial("file speed", "a large file comes back as it was sent", speed),
    Trial("file changes", "files are replaced, renamed, deleted", replacing),
    Trial("short names", "a file has the name it was given", short_names),
    Trial("long names", "a file has the name it was given", long_names),
    Trial("letter case", "it makes no other file", letter_case),
    Trial("file times", "files have the times they were given", times),
    Trial("listing", "a folder is listed whole", listing),
    Trial("refusals", "what is not there is refused", refusals),
    Trial("card space", "the card tells its size", space),
)
