"""Several cameras: what all of them ask is asked once."""

from __future__ import annotations

import pytest
from support.rig_shell import RigShell, rig_shell

PICTURES = 4
"""On the card of each simulated camera."""


def asked(shell: RigShell, line: str, answer: str) -> list[str]:
    """Run a line, give an answer to all that it asks, and return that."""
    questions: list[str] = []

    def ask(question: str) -> str:
        questions.append(question)
        return answer

    shell.context.ask = ask
    shell.try_(line)
    shell.context.ask = None
    return questions


def left(shell: RigShell) -> list[int]:
    """Return how many pictures there are on each card."""
    found = [line[0] for line in shell.run("@all imls")]
    return [found.count(number) for number in "123"]


def test_one_question_for_all(monkeypatch: pytest.MonkeyPatch) -> None:
    with rig_shell(monkeypatch) as shell:
        (question,) = asked(shell, "@all imrm", "n")
        assert question.startswith(f"1, 2, 3, each: delete {PICTURES} pictures, ")
        assert question.endswith("? [y/N] ")
        assert left(shell) == [PICTURES] * 3
        assert len(asked(shell, "@all imrm", "y")) == 1
        assert left(shell) == [0, 0, 0]


def test_cards_with_different_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    with rig_shell(monkeypatch) as shell:
        shell.run("@2 imrm -y -last=1")
        shell.run("@3 imrm -y")
        (question,) = asked(shell, "@all imrm", "y")
        lines = question.split("\n")
        assert [line.rpartition(",")[0] for line in lines[:-1]] == [
            f"1: delete {PICTURES} pictures",
            f"2: delete {PICTURES - 1} pictures",
        ]
        assert lines[-1] == "all of that? [y/N] "
        assert left(shell) == [0, 0, 0]
