"""Lines that commands ask for themselves: of programs that talk to the shell, and at terminals."""

# needs: POSIX

from __future__ import annotations

from pathlib import Path

import pexpect
import pytest
from support.shell_process import environment, program, run
from support.talk import Talk
from support.timeouts import TIMEOUT

SIM = ["-r", "--sim"]


@pytest.mark.parametrize("way", [["-i"], ["--chdkptp"]])
def test_rsint_asks_and_echoes_where_a_program_talks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: list[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    booth = Talk(*way, *SIM)
    assert booth.until(b">") == "con>"
    booth.send("rec")
    assert booth.until(b">") == " rec\ncon 1>"
    booth.send("rsint strip")
    assert booth.until(b">") == " rsint strip\nrsint>"
    booth.send("s")
    assert booth.until(b">").startswith(" s\n")
    assert (tmp_path / "strip.jpg").exists()
    booth.send("q")
    assert booth.until(b"con").startswith(" q\n")
    booth.send("quit")
    assert booth.end()[1] == 0


def test_rsint_of_a_plain_stream_gives_results_alone(tmp_path: Path) -> None:
    done = run(*SIM, stdin="rec\nrsint strip\ns\nq\n", cwd=tmp_path)
    assert done.stdout == ""
    assert (tmp_path / "strip.jpg").exists()


@pytest.mark.parametrize("term", ["xterm-256color", "dumb"])
@pytest.mark.parametrize("way", [["--chdkptp"], []])
def test_rsint_at_a_terminal_that_is_to_be_plain(tmp_path: Path, term: str, way: list[str]) -> None:
    plain = {} if way else {"CHDKSHELL_OUTPUT": "plain"}
    env = environment(TERM=term, CHDKSHELL_HOME=str(tmp_path), **plain)
    first, *rest = program()
    child: pexpect.spawn[str] = pexpect.spawn(
        first, [*rest, *way, *SIM], env=env, encoding="utf-8", timeout=TIMEOUT, cwd=tmp_path
    )
    shown = ""
    for line, answer in [("rec", "con 1> "), ("rsint x", "rsint> "), ("q", "con .*> ")]:
        child.sendline(line)
        child.expect(answer)
        shown += str(child.before) + str(child.after)
    child.sendline("quit")
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 0
    assert "\x1b" not in shown + str(child.before)


def test_lines_that_lua_asks_for(tmp_path: Path) -> None:
    code = "!return readline.line('name? ')"
    assert run("-r", "--chdkptp", stdin=f"{code}\nAda\n").stdout == (
        f'___> {code}\nname? Ada\n="Ada"\n___> '
    )
    assert run("-r", "--lua", stdin=f"{code}\nAda\n").stdout == 'name? ="Ada"\n'


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize(
    "line", ["rs -shots=2 one", "rcapture one -jpg -cont=2", "shoot -dl=one.jpg -shots=2"]
)
def test_files_of_shots_replace_others_as_in_chdkptp(tmp_path: Path, line: str) -> None:
    (tmp_path / "one.jpg").write_text("before")
    drive = "luar set_prop(require'propcase'.DRIVE_MODE, 1)"
    commands = ["-e", "rec", "-e", drive, "-e", line]
    done = run("--chdkptp", *SIM, *commands, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert names(tmp_path) == ["one.jpg"]
    taken = (tmp_path / "one.jpg").read_bytes()
    assert taken.startswith(b"\xff\xd8")
    assert run(*SIM, *commands, cwd=tmp_path).returncode == 0
    assert names(tmp_path) == ["one.jpg", "one_1.jpg", "one_2.jpg"]
    assert (tmp_path / "one.jpg").read_bytes() == taken
