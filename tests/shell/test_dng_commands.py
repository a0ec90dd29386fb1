"""The commands on DNG files: what they print, write, refuse and draw."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image
from support.small_dng import make_dng

from chdkshell.shell.dispatch import Shell
from chdkshell.shell.output.render import Renderer
from chdkshell.shell.prefs import OutputKind, Prefs

Run = Callable[..., tuple[bool, list[str], str]]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.chdir(tmp_path)
    make_dng(tmp_path / "a.dng")
    streams = io.StringIO(), io.StringIO()
    prefs = Prefs(OutputKind.PLAIN)
    shell = Shell(prefs, Renderer(prefs, *streams))

    def run_line(line: str, kind: OutputKind = OutputKind.PLAIN) -> tuple[bool, list[str], str]:
        prefs.set("output", kind.value)
        for stream in streams:
            stream.seek(0)
            stream.truncate()
        ok = shell.run(line)
        return ok, streams[0].getvalue().splitlines(), streams[1].getvalue()

    return run_line


def test_load_list_select_unload(run: Run) -> None:
    make_dng(Path("b.dng"))
    assert run("dngload a.dng")[1] == ["loaded a.dng"]
    assert run("dngload -nosel b.dng")[1] == ["loaded b.dng"]
    assert run("dnglist")[1] == ["*1  : a.dng", " 2  : b.dng"]
    assert run("dngsel 2")[1] == ["selected 2: b.dng"]
    assert run("dngunload")[1] == ["unloaded b.dng"]
    assert run("dnglist")[1] == [" 1  : a.dng"]
    assert "no file selected" in run("dnginfo")[2]
    assert "invalid selection" in run("dngsel 7")[2]


def test_info(run: Run) -> None:
    run("dngload a.dng")
    summary = "288x216x12, RGGB, DNG 1.3.0.0 / 1.1.0.0, 1.7.0 ver. 1.7.0-sim1, Canon PowerShot SIM1"
    assert run("dnginfo")[1] == ["a.dng:", summary]
    assert "ifd0_off 0x8" in run("dnginfo -h")[1]
    lines = run("dnginfo -ifd=raw -vals")[1]
    # as chdkptp prints a directory
    assert lines[1] == "ifd0.0 offset=0x1a6 entries=22 size=266"
    assert (
        lines[3] == f" {'ImageWidth':30} tag=0x0100 type=LONG       count=0000001  value=0x00000120"
    )
    lines = run("dnginfo -ifd -r -vals=2")[1]
    (matrix,) = (n for n, line in enumerate(lines) if line.startswith(" ColorMatrix1 "))
    assert " tag=0xc621 type=SRATIONAL  count=0000009 offset=0x" in lines[matrix]
    assert lines[matrix + 1 : matrix + 3] == [
        "    0:         1301431/1000000     1.301431",
        "    1:         -469837/1000000    -0.469837",
    ]
    assert lines[matrix + 3].startswith(" AnalogBalance ")
    assert '    0: "Canon PowerShot SIM1"' in lines
    assert "    1:            3 0x00000003" in lines  # of the version 1.3.0.0
    assert " ifd0.0 offset=0x1a6 entries=22 size=266" in lines
    assert " ifd0.exif offset=0x2b4 entries=17 size=206" in lines
    assert "could not find ifd 0.9" in run("dnginfo -ifd=0.9")[2]


def test_histogram_counts_every_pixel(run: Run) -> None:
    run("dngload a.dng")
    lines = run("dnghist -bin=1024")[1]
    assert [line.split(" ")[0] for line in lines] == ["", "1024-2047", "2048-3071", "3072-4095"]
    assert sum(int(line.split()[-1]) for line in lines) == 210 * 276
    assert run("dnghist -max=0")[1] == ["0 2"]
    assert run("dnghist -max=0 -reg=all -fmt=%")[1] == ["0   0.00"]
    assert "invalid region" in run("dnghist -reg=some")[2]


def test_histogram_is_drawn_on_a_terminal(run: Run) -> None:
    run("dngload a.dng")
    lines = run("dnghist", OutputKind.RICH)[1]
    assert len(lines) == 32
    assert max(line.count("█") for line in lines) == 50


def test_bad_pixels_are_listed_patched_and_saved(run: Run) -> None:
    run("dngload a.dng")
    assert run("dnglistpixels -max=0")[1] == ["20,10", "31,21", "2 matching pixels"]
    assert run("dnglistpixels -max=0 -fmt=dcraw -coords=rel -out=bad.txt")[1] == [
        "2 matching pixels"
    ]
    assert Path("bad.txt").read_text() == "12 6 0\n23 17 0\n"
    assert run("dngmod -patch")[1] == ["patched 2 pixels"]
    assert "file exists, use -over" in run("dngsave")[2]
    assert run("dngsave fixed.dng")[1] == ["wrote fixed.dng"]
    run("dngload fixed.dng")
    assert run("dnglistpixels -max=0")[1] == ["0 matching pixels"]
    assert "must specify min or max" in run("dnglistpixels")[2]


def test_dump(run: Run) -> None:
    run("dngload a.dng")
    assert run("dngdump -png -thm -tfmt=ppm -raw")[:2] == (True, [])
    with Image.open("a.png") as image:
        assert image.size == (138, 105)
    assert Path("a_thm.ppm").read_bytes()[:3] == b"P6\n"
    assert Path("a.raw").stat().st_size == 288 * 216 * 12 // 8
    assert run("dngdump -raw=x.pgm -rfmt=8pgm")[0]
    with Image.open("x.pgm") as image:
        assert image.size == (288, 216)
    assert "file exists" in run("dngdump -png")[2]
    assert "invalid format: 12x" in run("dngdump -raw -rfmt=12x")[2]


def test_batch(run: Run) -> None:
    Path("in/deep").mkdir(parents=True)
    make_dng(Path("in/one.dng"))
    make_dng(Path("in/deep/two.dng"))
    Path("in/other.txt").write_text("x")
    ok, lines, _ = run("dngbatch -odir=out -maxdepth=2 in { mod -patch ; dump -png ; save }")
    assert ok
    assert lines == [
        "load: in/deep/two.dng",
        "patched 2 pixels",
        "wrote out/deep/two.dng",
        "load: in/one.dng",
        "patched 2 pixels",
        "wrote out/one.dng",
    ]
    names = sorted(str(path) for path in Path("out").rglob("*.*"))
    assert names == ["out/deep/two.dng", "out/deep/two.png", "out/one.dng", "out/one.png"]


def test_batch_pretends_and_tells_all_mistakes(run: Run) -> None:
    assert run("dngbatch -pretend -odir=o a.dng { mod -patch ; save }")[1] == [
        "load: a.dng",
        "dngmod -patch",
        "dngsave",
        "save: o/a.dng",
    ]
    assert not Path("o").exists()
    said = run("dngbatch a.dng { foo ; info -zz }")[2]
    assert "1: invalid command foo, 2: info: unknown switch zz" in said
    assert "missing {}" in run("dngbatch a.dng info")[2]
    assert "at least one command" in run("dngbatch a.dng { }")[2]


@pytest.mark.parametrize("name", ["a{b.dng", "a;b.dng", "a}b.dng", "a; {b}"])
@pytest.mark.parametrize("quote", ["'", '"'])
def test_braces_and_semicolons_in_quotes_are_text(run: Run, name: str, quote: str) -> None:
    Path("a.dng").rename(name)
    quoted, target = f"{quote}{name}{quote}", f"{quote}x;{{}}{quote}"
    ok, lines, said = run(f"dngbatch {quoted} {{ mod -patch ; dump -raw={target} }}")
    assert (ok, said) == (True, "")
    assert lines == [f"load: {name}", "patched 2 pixels"]
    assert Path("x;{}").exists()
    assert run(f"dngbatch {quoted}{{info}}")[0]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("dngbatch 'a.dng { info }", "unclosed '"),
        ("dngbatch a.dng { info ; 'save }", "unclosed '"),
        ("dngbatch a.dng } info {", "missing {}"),
        ("dngbatch a.dng '{ info }'", "missing {}"),
        ("dngbatch a.dng { info } x", "missing {}"),
    ],
)
def test_batches_that_do_not_fit_together(run: Run, line: str, message: str) -> None:
    ok, _, said = run(line)
    assert not ok
    assert message in said


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (lambda good: b"", "a.dng: not a DNG file of CHDK"),
        (lambda good: b"II*\0", "a.dng: not a DNG file of CHDK"),
        (lambda good: bytes(range(256)) * 400, "a.dng: not a DNG file of CHDK"),
        (lambda good: good[:300], "a.dng: not a DNG file of CHDK"),
        (lambda good: good[:100_000], "a.dng: cut off after 100000 bytes"),
        (lambda good: good[:4] + b"\xf0\xff\xff\xff" + good[8:], "a.dng: not a DNG file of CHDK"),
        # the raw frame's directory is the first one again
        (lambda good: good.replace(b"\xa6\1\0\0", b"\x08\0\0\0", 1), "a.dng: the DNG file has no"),
    ],
)
@pytest.mark.parametrize("command", ["dngload a.dng", "dngbatch a.dng { info ; }"])
def test_files_that_are_none_are_one_line(
    run: Run, command: str, content: Callable[[bytes], bytes], message: str
) -> None:
    path = Path("a.dng")
    path.write_bytes(content(path.read_bytes()))
    ok, _, said = run(command)
    assert not ok
    assert message in said
    assert "Traceback" not in said
    assert run("dnglist")[1] == []


def test_a_directory_that_lies_outside_the_file_is_told(run: Run) -> None:
    file = bytearray(Path("a.dng").read_bytes())
    entry = next(at for at in range(10, 418, 12) if file[at : at + 2] == b"\x69\x87")
    file[entry + 8 : entry + 12] = b"\xf0\xff\xff\x7f"  # ExifIFD
    Path("a.dng").write_bytes(file)
    run("dngload a.dng")
    assert "a.dng: the directory 0.exif at 2147483632 is cut off" in run("dnginfo -ifd")[2]
