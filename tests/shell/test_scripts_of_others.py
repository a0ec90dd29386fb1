"""A script that the user started is never ended by a command that is refused because of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.breaking_link import Breaks, breaking_links, never
from support.command_kinds import FILES, FIRING, KINDS, ON_PURPOSE, PTP_CHANGES
from support.shooting_shell import ShootingShell, shooting_shell

from chdkshell.chdk import versions
from chdkshell.chdk.protocol import ChdkProtocol
from chdkshell.shell.command import REGISTRY
from chdkshell.shell.viewing.cameraactions import Action, CameraActions

REFUSED = {
    **{name: lines[0] for name, lines in FIRING.items()},
    "rec": "rec",
    "play": "play",
    "mode": "mode P",
    "zoom": "zoom 2",
    "focus": "focus 2m",
    "clock": "clock -sync",
    "press": "press shoot_half",
    "release": "release shoot_half",
    "click": "click set",
    "shutdown": "shutdown",
    "repl": "repl return 1",
    "run": "run here.lua",
    "camscript": "camscript here.lua -run",
    "lua": "lua return 1",
    "luar": "luar return 1",
    "ls": "ls -l",
    "upload": "upload here.txt A/T.TXT",
    "mkdir": "mkdir A/NEW",
    "delete": "rm A/DCIM/X.JPG",
    "mdownload": "mdl A/DCIM all out",
    "mupload": "mup here.txt A/T",
    "sync": "sync A/DCIM out",
    "edit": "edit A/X.TXT",
    "mv": "mv A/X.TXT A/Y.TXT",
    "cp": "cp A/X.TXT A/Y.TXT",
    "cd": "cd A/DCIM",
    "df": "df",
    "du": "du",
    "tree": "tree",
    "find": "find A",
    "imdl": "imdl",
    "imls": "imls",
    "imrm": "imrm -pretend",
    "selftest": "selftest",
}
"""Commands that run scripts of their own, each as a line."""

WITHOUT_LINE = {
    "set": "runs no script",
    "reboot": "ends what runs on purpose, and says so in its help",
    "live": "tested below by its keys",
    "lvserve": "tested below by its button",
    "serve": "as lvserve",
    "download": "needs no script",
    "cat": "needs no script",
    "putm": "talks to the script",
    **dict.fromkeys(("rig trigger", "rig scan"), "wait for keys; their shot is tested by itself"),
    **dict.fromkeys((*PTP_CHANGES, "ptp capture", "eos release"), "is PTP's, and runs no script"),
    **dict.fromkeys(("exec", "source", "watch", "sh", "#", "@"), "run lines of the user's"),
}


def test_every_command_has_its_place() -> None:
    without_scripts = KINDS[-1]
    assert set(ON_PURPOSE) | set(FILES) <= set(REFUSED) | set(WITHOUT_LINE)
    known = {*REFUSED, *WITHOUT_LINE, *without_scripts}
    assert known == {command.name for command in REGISTRY}


LONG = "lua while true do sleep(50) end"


@pytest.fixture
def breaks(monkeypatch: pytest.MonkeyPatch) -> Breaks:
    return breaking_links(monkeypatch)


@pytest.fixture
def shell(
    breaks: Breaks, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[ShootingShell]:
    monkeypatch.chdir(tmp_path)
    Path("here.txt").write_text("text")
    Path("here.lua").write_text("return 1")
    with shooting_shell(tmp_path / "card") as shell:
        yield shell


def running(shell: ShootingShell) -> int:
    assert shell.sim.scripts.running
    return shell.sim.scripts.last_id


@pytest.mark.parametrize("line", REFUSED.values(), ids=REFUSED)
def test_a_refusal_leaves_it_alone(shell: ShootingShell, line: str) -> None:
    shell.run(LONG)
    script = running(shell)
    ok, _, err = shell.try_(line)
    assert not ok
    assert "a script is already running" in "\n".join(err)
    assert running(shell) == script
    assert shell.sim.state.shots == 0


@pytest.mark.parametrize("line", [line for lines in FIRING.values() for line in lines])
def test_nor_is_it_taken_for_one_of_a_connection_that_broke(
    shell: ShootingShell, breaks: Breaks, line: str
) -> None:
    """The first script of a row may have been started, as far as the host knows."""
    shell.run(LONG)
    script = running(shell)
    count = 0

    def first(command: object, data: bytes) -> bool:
        nonlocal count
        count += 1
        return count == 1

    breaks.after = first
    ok, _, err = shell.try_(line)
    assert not ok, err
    assert breaks.count == 1
    assert running(shell) == script
    breaks.after = never
    assert shell.sim.state.shots == 0


@pytest.mark.parametrize("code", ["viewfinder_shoot()", "viewfinder_status()", "click('set')"])
def test_the_keys_and_buttons_of_live_view(shell: ShootingShell, code: str) -> None:
    shell.run(LONG)
    script = running(shell)
    actions = CameraActions(shell.camera.scripts)
    failures: list[Exception] = []
    actions.submit(Action(f"return {code}", lambda values: None, failures.append))
    actions.step()
    actions.finish()
    assert "a script is already running" in str(failures[0])
    assert running(shell) == script


def test_a_session_that_has_ended_does_not_end_what_came_after(shell: ShootingShell) -> None:
    from chdkshell.chdk.luasession import LuaSession

    session = LuaSession(shell.camera.scripts)
    shell.sim.scripts.kill()
    shell.sim.scripts.start(b"while true do sleep(50) end")
    script = running(shell)
    session.close()
    assert running(shell) == script


@pytest.mark.parametrize("version", [(2, 4), (3, 0)])
@pytest.mark.parametrize(
    "line", ["rs", "rs -shots=2", "rsint -pipe='echo s'", "live", "lvserve", "serve"]
)
def test_after_a_refusal_of_the_protocol_nothing_runs(
    shell: ShootingShell, monkeypatch: pytest.MonkeyPatch, line: str, version: tuple[int, int]
) -> None:
    if line in ("live", "lvserve", "serve") and version == (2, 4):
        version = (2, 2)
    monkeypatch.setattr(ChdkProtocol, "version", lambda self, cancel=None: version)
    before = shell.sim.scripts.last_id
    if line == "live":
        return  # it needs a terminal: below
    said = shell.fail(line)
    assert "CHDK protocol" in said or "speaks protocol 3.0" in said
    assert not shell.sim.scripts.running
    assert shell.sim.scripts.last_id == before, "a script was started"
    assert shell.sim.state.shots == 0


def test_kinds_of_data_that_the_protocol_has_not(
    shell: ShootingShell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ChdkProtocol, "version", lambda self, cancel=None: (2, 8))
    before = shell.sim.scripts.last_id
    assert versions.CANON_RAW_CAPTURE.name in shell.fail("rs -craw")
    assert shell.sim.scripts.last_id == before


def test_an_old_protocol_cannot_kill_and_ends_its_capture_all_the_same(
    shell: ShootingShell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ChdkProtocol, "version", lambda self, cancel=None: (2, 5))
    state = shell.sim.state
    develop = state.on_shoot
    assert develop is not None

    def full(shot: object) -> None:
        shell.context.cancel.set()

    state.on_shoot = full
    assert "cancelled" in shell.fail("rs -shots=3 -int=30 out/")
    state.on_shoot = develop
    assert not shell.sim.scripts.running
    assert not state.capture.target
    assert state.shots == 1
