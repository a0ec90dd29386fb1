"""The prompt in a real terminal: what is typed, and what the screen shows."""

# needs: POSIX

from __future__ import annotations

import re
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.terminal import Terminal


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    """A prompt with a simulated camera, 80 by 24."""
    with Terminal("-r", "--sim", home=tmp_path) as terminal:
        terminal.wait_prompt("con> ")
        yield terminal


@pytest.fixture
def alone(tmp_path: Path) -> Iterator[Terminal]:
    """A prompt without a camera."""
    with Terminal("-r", home=tmp_path) as terminal:
        terminal.wait_prompt("___> ")
        yield terminal


# ---- editing ------------------------------------------------------------------------------------


def test_colours_while_typing(terminal: Terminal) -> None:
    terminal.type("luar return get_zoom()")
    terminal.wait_for("return get_zoom()")
    terminal.wait(lambda: terminal.attributes("luar")[0] == ("0087af", True), "a coloured command")
    assert terminal.attributes("get_zoom")[0][0] != "default"
    terminal.type("\x15nosuch")
    terminal.wait(
        lambda: "nosuch" in terminal.text and terminal.attributes("nosuch")[0][0] == "red"
    )


def test_lua_over_several_lines(terminal: Terminal) -> None:
    terminal.line("luar if true then")
    terminal.wait_for("...>")
    terminal.line("return 'two lines'")
    terminal.line("end")
    terminal.wait_for("return:'two lines'")
    terminal.wait_prompt()
    terminal.type("luar local a = 1\x1b\rreturn a + 41\r")
    terminal.wait_for("return:42")


def test_a_pasted_script_is_one_command(terminal: Terminal) -> None:
    script = "luar\nlocal sum = 0\nfor i = 1, 10 do\n  sum = sum + i\nend\n\nreturn 'sum', sum"
    terminal.type(f"\x1b[200~{script}\x1b[201~")
    terminal.wait_for("return 'sum', sum")
    assert "return:" not in terminal.text
    terminal.type("\r")
    terminal.wait_for("return:'sum'", "return:55")


def test_long_lines_and_tabs_look_as_they_are(terminal: Terminal) -> None:
    """A line that is too long goes on below without a mark, so that it can be copied."""
    terminal.type("\x1b[200~luar if true then\n\tx = 1\n-- " + "y" * 90 + "\x1b[201~")
    terminal.wait_for("...>     x = 1", "\n" + "y" * 18 + "\n")


def test_errors_are_shown_before_anything_is_sent(terminal: Terminal) -> None:
    terminal.line("luar return 1")
    terminal.wait_for("return:1")
    terminal.wait_prompt()
    terminal.line("luar local t = 1.5")
    terminal.wait_for("malformed number near '1.5'", "whole numbers")
    lines = terminal.lines
    at = next(i for i, line in enumerate(lines) if line.strip() == "^")
    assert lines[at - 1].index("1.5") == lines[at].index("^")
    terminal.line("set syntaxcheck=0")
    terminal.line("luar local t = 2.5")
    terminal.wait_for("malformed number near '2.5'")
    terminal.wait_prompt()
    assert terminal.text.count("whole numbers") == 1, "the camera says it, without our hint"


def test_history_over_two_runs(tmp_path: Path) -> None:
    with Terminal("-r", home=tmp_path) as first:
        first.wait_prompt()
        first.line("set cli_time=true")
        first.wait_prompt()
        first.type("\x04")
        assert first.wait_end() == 0
    assert stat.S_IMODE((tmp_path / "history").stat().st_mode) == 0o600
    with Terminal("-r", home=tmp_path) as second:
        second.wait_prompt()
        second.type("set cli")
        second.wait_for("set cli_time=true")  # the suggestion in grey
        second.type("\x15\x12time=")
        second.wait_for("reverse", "set cli_time=true")
        second.type("\x03")
        second.wait_without("reverse")
        second.drop_line()
        second.type("\x1b[A")
        second.wait_for("___> set cli_time=true")
        second.type("\r")
        second.wait_prompt()


def test_the_editor(tmp_path: Path) -> None:
    editor = tmp_path / "editor"
    editor.write_text("#!/bin/sh\necho 'set cli_source_max' > \"$1\"\n")
    editor.chmod(0o755)
    with Terminal("-r", home=tmp_path, EDITOR=str(editor), VISUAL=str(editor)) as terminal:
        terminal.wait_prompt()
        terminal.type("x\x18\x05")
        terminal.wait_for("set cli_source_max")
        terminal.type("\r")
        terminal.wait_for("cli_source_max=10")


def test_vi_keys(alone: Terminal) -> None:
    alone.line("set keys=vi")
    alone.wait_prompt()
    alone.type("xset keys\x1b0xA\r")
    alone.wait_for("\nkeys=vi")


def test_ctrl_c_and_ctrl_d(alone: Terminal) -> None:
    alone.type("not finished")
    alone.wait_for("not finished")
    alone.drop_line()
    alone.type("\x03\x03\x03")
    alone.wait_prompt()
    alone.line("version")
    alone.wait_for("host:2.")
    alone.wait_prompt()
    alone.type("\x04")
    assert alone.wait_end() == 0


def test_names_in_short(alone: Terminal) -> None:
    alone.line("lu return 1")
    alone.wait_for("ambiguous command 'lu'", "lua, luar")
    alone.wait_prompt()
    alone.line("vers")
    alone.wait_for("host:2.")


# ---- results, Ctrl-C, safety -------------------------------------------------------------------


def test_help_and_tables(terminal: Terminal) -> None:
    terminal.resize(60, 100)
    terminal.line("help ls")
    terminal.wait_for("see also", "examples")
    terminal.wait_prompt()
    terminal.line("ls -l A/DCIM")
    terminal.wait_for("modified", "<dir>")
    terminal.wait_prompt()
    terminal.line("help get_tv96")
    terminal.wait_for("Shutter time that the last half press found.")


def test_ctrl_c_kills_the_script_and_the_next_command_works(terminal: Terminal) -> None:
    terminal.line("luar write_usb_msg('runs') while true do sleep(10) end")
    terminal.wait_for("user:'runs'")
    terminal.type("\x03")
    terminal.wait_for("ERROR: cancelled")
    terminal.wait_prompt()
    terminal.line("luar return 'still here'")
    terminal.wait_for("return:'still here'")


def test_a_lua_session(terminal: Terminal) -> None:
    terminal.line("repl")
    terminal.wait_prompt("lua> ")
    terminal.line("x = {a=1}")
    terminal.wait_prompt("lua> ")
    terminal.line("x, 'text'")
    terminal.wait_for("{a = 1}", '"text"')
    terminal.wait_prompt("lua> ")
    terminal.line("print('before') while true do sleep(10) end")
    terminal.wait_for("\nbefore")
    terminal.type("\x03")
    terminal.wait_for("ERROR: interrupted")
    terminal.wait_prompt("lua> ")
    terminal.line("=x.a + 41")
    terminal.wait_for("\n42")
    terminal.wait_prompt("lua> ")
    terminal.line("y = 1.5")
    terminal.wait_for("malformed number", "^")
    terminal.wait_prompt("lua> ")
    terminal.type("\x04")
    terminal.wait(
        lambda: re.search(
            r"con \d+> $",
            terminal.screen.display[terminal.screen.cursor.y][: terminal.screen.cursor.x],
        )
    )
    terminal.line("luar return is_pressed('shoot_half')")
    terminal.wait_for("return:false")


def test_long_output_goes_through_the_pager(tmp_path: Path) -> None:
    with Terminal("-r", home=tmp_path, PAGER="sed -n '1s/^/paged: /p'") as terminal:
        terminal.wait_prompt()
        terminal.line("help -v")
        terminal.wait_for("paged: ")
        terminal.line("set pager=false")
        terminal.wait_prompt()
        terminal.line("version")
        terminal.wait_for("host:2.")


def test_watch_ends_with_ctrl_c(alone: Terminal) -> None:
    alone.line("watch 0.05 version")
    alone.wait_for("every 0.05 s: version", "host:2.")
    alone.type("\x03")
    alone.wait_prompt()
    assert "cancelled" not in alone.text


def test_no_colour(tmp_path: Path) -> None:
    with Terminal("-r", "--sim", home=tmp_path, NO_COLOR="1") as terminal:
        terminal.wait_prompt("con> ")
        terminal.line("nosuch")
        terminal.wait_for("ERROR: unknown command")
        terminal.line("luar return {a=1}")
        terminal.wait_for("table:{a=1}")
        assert not re.search(r"\x1b\[[0-9;]*(3[0-7]|38|48|9[0-7])[;m]", terminal.raw)


def test_a_dumb_terminal_gets_letters_only(tmp_path: Path) -> None:
    with Terminal("-r", "--sim", home=tmp_path, term="dumb") as terminal:
        terminal.wait_for("con>")
        terminal.line("luar return {a=1}")
        terminal.wait_for("return:table:{a=1}")
        terminal.wait_prompt()
        terminal.line("quit")
        assert terminal.wait_end() == 0
        assert "\x1b" not in terminal.raw


@pytest.mark.parametrize("size", [(24, 80), (60, 200)])
def test_sizes_of_terminals(tmp_path: Path, size: tuple[int, int]) -> None:
    with Terminal("-r", "--sim", home=tmp_path, size=size) as terminal:
        terminal.wait_prompt("con> ")
        terminal.wait_for("Canon PowerShot SIM1 |")
        assert terminal.lines[-1].startswith(" Canon PowerShot SIM1")
        terminal.type("connect ")
        terminal.wait_for("-nodis", "USB bus.")


def test_the_terminal_is_restored_after_an_error(tmp_path: Path) -> None:
    command = [
        "sh",
        "-c",
        'before=$(stty -g); "$@"; [ "$before" = "$(stty -g)" ] && echo same',
        "sh",
    ]
    with Terminal(home=tmp_path, command=[*command, "python3", "-c", "print('x')"]) as terminal:
        terminal.wait_for("same")
    from support.shell_process import program

    with Terminal("-r", home=tmp_path, command=[*command, *program()]) as terminal:
        terminal.wait_prompt()
        terminal.line("!raise KeyError('bad')")
        terminal.wait_for("call failed")
        terminal.wait_prompt()
        terminal.type("\x04")
        terminal.wait_for("same")
