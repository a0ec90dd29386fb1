"""The first own script of somebody without a camera, at a terminal, counted in steps."""

# needs: POSIX

from __future__ import annotations

from pathlib import Path

from support.shell_process import patient_program
from support.terminal import Terminal


def test_three_steps_to_the_first_own_script(tmp_path: Path) -> None:
    """Write a file, start the program, run it: with `print` in sight."""
    (tmp_path / "hello.lua").write_text("print('hello from ' .. get_buildinfo().platform)\n")
    with Terminal("--sim", home=tmp_path) as terminal:
        terminal.wait_prompt()
        terminal.line("run hello.lua")
        terminal.wait_for("hello from sim")
        terminal.wait_prompt()


def test_completion_with_a_real_card(tmp_path: Path) -> None:
    with Terminal("--sim", home=tmp_path) as terminal:
        terminal.wait_toolbar()
        terminal.type("run INTERVAL ")
        terminal.wait_for("n=", "Pictures: a whole number, else 3", "s=")
        terminal.type("s=")
        terminal.wait_for("s=2", "Seconds between: a whole number, else 2")


def test_ctrl_c_ends_a_script_by_way_of_its_restore(tmp_path: Path) -> None:
    (tmp_path / "long.lua").write_text(
        "function restore() print('put back') end\nprint('begun')\nwhile true do sleep(100) end\n"
    )
    with Terminal("--sim", home=tmp_path, command=patient_program()) as terminal:
        terminal.wait_prompt()
        terminal.line("run long.lua")
        terminal.wait_for("begun")
        terminal.type("\x03")
        terminal.wait_for("put back", "ERROR: cancelled")
        terminal.wait_prompt()
        terminal.line("= 1 + 1")
        terminal.wait_for(":return:2")
