"""`@cameras command`: one command for several cameras, in each way that lines are run."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.rig_shell import RigShell, rig_shell
from support.shell_process import run

from chdkshell.shell.dispatch import Status
from chdkshell.shell.prefs import OutputKind

ALONE = (
    *("edit A/X", "repl", "exec 1", "! 1", "set", "source x", "quit", "watch 1 df"),
    *("connect", "use 1", "disconnect", "help", "list", "alias", "lcd", "sh ls", "rsint", "# x"),
    *("@all df", "dnglist", "tee x", "history", "lvserve"),
)


@pytest.mark.parametrize(
    ("line", "out"),
    [
        ("@all luar return 7", ["1: 1:return:7", "2: 1:return:7", "3: 1:return:7"]),
        ("@2 luar return 7", ["2: 1:return:7"]),
        ("@1,3 =return 7", ["1: 1:return:7", "3: 1:return:7"]),
        ("@^2 luar return '; > |'", ["1: 1:return:'; > |'", "3: 1:return:'; > |'"]),
        ("  @2-3   =return 1", ["2: 1:return:1", "3: 1:return:1"]),
        ("@1 cd DCIM ; @all pwd", ["1: A/DCIM", "2: A/", "3: A/"]),
        ("@1 pwd ; @2 pwd", ["1: A/", "2: A/"]),
        ("pwd ; @2 pwd", ["A/", "2: A/"]),
    ],
)
def test_lines(line: str, out: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    with rig_shell(monkeypatch) as shell:
        assert shell.run(line) == out


def test_one_that_fails_leaves_none_out(monkeypatch: pytest.MonkeyPatch) -> None:
    with rig_shell(monkeypatch) as shell:
        shell.run("@2 mkdir A/ONLY")
        out, err = shell.try_("@all cd A/ONLY")
        assert out == []
        assert shell.shell.status is Status.FAILED
        assert sorted(line[:8] for line in err[:-1]) == ["1: ERROR", "3: ERROR"]
        assert err[-1].startswith("ERROR: 1 of 3 ok; 1, 3: ")
        assert shell.run("@2 pwd") == ["2: A/ONLY"]


def test_one_that_is_dead_among_three_is_told_and_comes_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with rig_shell(monkeypatch) as shell:
        shell.run("@all luar return 1")
        shell.sims[1].times_off += 1
        out, err = shell.try_("@all luar return 7")
        assert [line for line in out if "return:7" in line] == ["1: 2:return:7", "3: 2:return:7"]
        assert err[-1] == "ERROR: 2 of 3 ok; 2: the camera was switched off"
        seeker = shell.rig._seeker._threads[shell.rig.members[1]]
        seeker.join(60)
        out, err = shell.try_("@all luar return 8")
        assert err[:2] == [
            "2: the camera is gone: the camera was switched off; it is looked for",
            "2: the camera is back",
        ]
        assert [line[-1] for line in out] == ["8", "8", "8"]


def test_the_results_come_in_the_order_of_the_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    with rig_shell(monkeypatch) as shell:
        code = "local n = get_usb_power and tonumber('{}') sleep(({})) return {}"
        shell.run("@1 luar return 1")
        for number, sim in enumerate(shell.sims, 1):
            sim.card  # noqa: B018 - the cameras differ in how long they take
            (Path(str(sim.card.root)) / "N.LUA").write_text(code.format(1, 200 // number, number))
        assert shell.run("@all luar return loadfile('A/N.LUA')()") == [
            f"{n}: {2 if n == 1 else 1}:return:{n}" for n in (1, 2, 3)
        ]


@pytest.mark.parametrize("line", ALONE)
def test_what_makes_no_sense_for_many_is_refused(
    line: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with rig_shell(monkeypatch, 2) as shell:
        (err,) = shell.fail(f"@all {line}")
        assert " is not for several cameras: " in err
        assert shell.shell.status is Status.FAILED


@pytest.mark.parametrize("line", ["@", "@all", "@ all", "@all ", "@9 df", "@left df", "@^1-2 df"])
def test_wrong_lines(line: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with rig_shell(monkeypatch, 2) as shell:
        (err,) = shell.fail(line)
        assert err.startswith("ERROR: ")


def test_json_has_camera_and_serial(monkeypatch: pytest.MonkeyPatch) -> None:
    with rig_shell(monkeypatch, output=OutputKind.JSON) as shell:
        shell.rig.name(shell.rig.members[0], "left")
        *each, whole = shell.objects("@all luar return 7")
        assert sorted((o["camera"], o["number"], o["serial"], o["ok"]) for o in each) == [
            ("2", 2, "S2", True),
            ("3", 3, "S3", True),
            ("left", 1, "S1", True),
        ]
        assert all(o["result"][0]["value"] == 7 for o in each)
        assert whole == {
            "command": "@",
            "ok": True,
            "result": None,
            "summary": {"cameras": 3, "ok": 3, "failed": 0},
        }
        *each, whole = shell.objects("@left,2 cat A/NONE")
        assert {(o["camera"], o["ok"], o["path"]) for o in each} == {
            ("left", False, "A/NONE"),
            ("2", False, "A/NONE"),
        }
        assert (whole["ok"], whole["reason"]) == (False, "some-cameras")
        assert whole["summary"] == {"cameras": 2, "ok": 0, "failed": 2}


def test_an_alias_and_what_it_may_not_have(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with rig_shell(monkeypatch, 2) as shell:
        aliases = shell.shell.registry.aliases
        known = {"two": "mkdir A/$1 ; cd A/$1 ; pwd", "bad": "pwd ; quit", "out": "pwd > x"}
        monkeypatch.setattr(aliases, "all", lambda: known)
        assert shell.run("@all two 5") == ["1: A/5", "2: A/5"]
        assert "quit is not for several" in shell.fail("@all bad")[0]
        assert shell.fail("@all out")[0].startswith("ERROR: an alias that writes")


def test_where_results_go(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    with rig_shell(monkeypatch, 2) as shell:
        assert shell.run("@all pwd > list.txt") == []
    assert (tmp_path / "list.txt").read_text() == "1: A/\n2: A/\n"


def made(shell: RigShell, line: str) -> str:
    (err,) = shell.fail(line)
    return err


@pytest.mark.parametrize(
    "line",
    [
        "rcapture",
        "rcapture shots/",
        "rcapture ${name}",
        "rcapture ${serial}",
        "shoot -dl",
        "shoot -dl=x/${name}",
        "imdl",
        "imdl -d=${name}",
        "imdl -ddir=shots",
        "mdl DCIM pictures",
        "sync A/DCIM pictures",
        "download DCIM/100CANON/IMG_0001.JPG",
        "download DCIM/100CANON/IMG_0001.JPG x.jpg",
        "download DCIM/100CANON/IMG_0001.JPG -",
        "lvdump",
        "rmem 0 16 -f=x",
        "tether",
        "tether x",
    ],
)
def test_names_that_collide_are_refused_before_anything_is_sent(
    line: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    with rig_shell(monkeypatch, 2) as shell:
        monkeypatch.setattr("chdkshell.chdk.templates.variables.escaped_name", lambda _: "SAME")
        sent = [sim.responder for sim in shell.sims]
        for responder in sent:
            monkeypatch.setattr(responder, "transact", None)
        assert made(shell, f"@all {line}").startswith(
            ("ERROR: files of 1 and 2 would have", "ERROR: standard output takes one")
        )
        monkeypatch.undo()
    assert list(tmp_path.iterdir()) == []


def test_files_of_each_camera(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "2.lua").write_text("return 22")
    (tmp_path / "left.lua").write_text("return 11")
    with rig_shell(monkeypatch, 2) as shell:
        shell.rig.name(shell.rig.members[0], "left")
        shell.run("@all upload ${camera}.lua A/X.LUA")
        assert shell.run("@all luar return loadfile('A/X.LUA')()")[0] == "left: 3:return:11"
        shell.run("@all download A/X.LUA got/${serial}.lua")
        shell.run("@all mdl A/DCIM/100CANON tree/${camera}/")
        shell.run("@all rec")
        shell.run("@all rcapture ${camera}_${id}")
        shell.run("@all shoot -dl=shots/${camera}_${shotseq}${ext}")
        shell.run("@all shoot -dl=shots/${camera}_${shotseq}${ext}")
    got = {str(p.relative_to(tmp_path)).replace("\\", "/") for p in tmp_path.rglob("*.*")}
    assert {"got/S1.lua", "got/S2.lua", "left_1.jpg", "2_2.jpg"} <= got
    assert (tmp_path / "got/S1.lua").read_text() == "return 11"
    shots = sorted(name for name in got if name.startswith("shots/"))
    assert shots == [f"shots/{n}_000{s}.JPG" for n in ("2", "left") for s in (2, 3)]
    assert any(name.startswith("tree/left/") for name in got)


def test_as_arguments_of_the_program_and_with_watch_and_source(tmp_path: Path) -> None:
    lines = tmp_path / "lines"
    lines.write_text("@all luar return 3\n@2 luar error('no')\n")
    done = run("--sim", "--count=2", "@all", "luar", "return", "5")
    assert (done.returncode, done.stdout) == (0, "1: 1:return:5\n2: 1:return:5\n"), done.stderr
    done = run("--sim", "--count=2", "-e", f"source {lines}", cwd=tmp_path)
    assert done.returncode == 1
    assert done.stdout == "1: 1:return:3\n2: 1:return:3\n"
    assert "ERROR: 0 of 1 ok; 2: " in done.stderr
    done = run("--sim", "--count=2", "-e", "watch 0 @all luar x = (x or 0) + 1 error('end')")
    assert done.returncode == 1
    assert "0 of 2 ok" in done.stderr


def test_with_chdkptp_it_means_nothing() -> None:
    done = run("--chdkptp", "--sim", "-e", "@all luar return 5")
    assert done.stdout == ""
    assert "ERROR: bad input '@all luar return 5'" in done.stdout + done.stderr
