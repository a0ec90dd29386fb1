"""`lint -camera`: what one camera lacks of what others have, as it tells itself."""

from __future__ import annotations

from pathlib import Path

from support.shell_process import run

from chdkshell.shell.knowledge import functions
from chdkshell.shell.linting.lint import lint
from chdkshell.shell.linting.named import CameraLua

OLD = "Canon PowerShot A540 (protocol 2.4)"


def on(model: str, folder: Path, *codes: str) -> list[str]:
    """Return what the program finds in scripts, 0.lua and on, for a simulated camera of a model."""
    names = [f"{number}.lua" for number in range(len(codes))]
    for name, code in zip(names, codes, strict=True):
        (folder / name).write_text(code)
    device = ("-r", "--device", f"sim:model={model}")
    done = run(*device, "-e", f"lint -camera {' '.join(names)}", cwd=folder)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.splitlines()


LACKING = {
    "init_usb_capture(0)": f"0.lua:1:1: warning: {OLD} has no init_usb_capture [camera]",
    "p = require'propcase'\nset_prop(p.AE_LOCK, 1)": (
        f"1.lua:2:1: warning: property set 1, which {OLD} has, lacks AE_LOCK: it is nil there "
        "[property]"
    ),
}
HAVING = (
    "if init_usb_capture then init_usb_capture(0) end",
    "function init_usb_capture() end init_usb_capture()",
    "read_usb_msg(10) write_usb_msg(1) shoot()",
)


def test_what_an_old_protocol_and_model_lack(tmp_path: Path) -> None:
    assert on("A540", tmp_path, *LACKING, *HAVING) == list(LACKING.values())


def test_a_camera_with_all_is_told_of_nothing(tmp_path: Path) -> None:
    names = [name for name, known in functions().items() if known.is_function]
    code = "".join(f"f({name}(...))\n" for name in names)
    found = on("SIM1", tmp_path, *LACKING, *HAVING, code + "function f() end")
    assert all("[arguments]" in line or "[wait" in line for line in found), found


def test_what_only_this_camera_has_is_known() -> None:
    code = b"get_new_thing(1) zoom.to(2) get_newer_thing()"
    camera = CameraLua("mine", frozenset(functions()) | {"get_new_thing", "zoom", "zoom.to"}, 6)
    found = lint(code, camera=camera)
    assert [(f.severity.value, f.column) for f in found] == [("error", 29)]
    assert len(lint(code)) == 3


def test_without_a_camera_it_says_so(tmp_path: Path) -> None:
    (tmp_path / "mine.lua").write_text("shoot()")
    done = run("-r", "-e", "lint -camera mine.lua", "-e", "lint mine.lua", cwd=tmp_path)
    assert done.stderr.startswith("ERROR: not connected; ")
    assert done.returncode == 0
