"""What this program does otherwise than chdkptp on purpose, and `--chdkptp` as chdkptp does."""

from __future__ import annotations

import os
from typing import NamedTuple


class Difference(NamedTuple):
    """One difference: what chdkptp does, what this program does, and why it is better.

    Where the difference shows in a recorded session of chdkptp, `blocks` names the commands there.
    """

    name: str
    chdkptp: str
    ours: str
    why: str
    blocks: tuple[str, ...] = ()


DIFFERENCES = (
    Difference(
        "rec",
        "`rec` in record mode is the error `already in rec`",
        "it succeeds, with a note on stderr",
        "the camera is as it was asked for",
    ),
    Difference(
        "play",
        "`play` in play mode is the error `already in play`",
        "it succeeds, with a note on stderr",
        "the camera is as it was asked for",
    ),
    Difference(
        "-pretend",
        "`-pretend` tells what would be done in the words of what is done",
        'on a terminal it says "would delete"',
        "nobody is to take the one for the other",
    ),
    Difference(
        "questions",
        "nothing is asked; `-overwrite` decides about files that are there",
        "on a terminal, before files are replaced, and before many are deleted",
        "pictures cannot be taken again",
    ),
    Difference(
        "output",
        "plain text everywhere",
        "on a terminal tables, colours and progress",
        "people read it there; `set output` chooses",
    ),
)
"""Each is a `if ... compat` somewhere: a command asks `context.compat`, whatever is below
it `prefs.compat`. What can be right in both ways is no entry."""


def asked_for(program: str, switch: bool) -> bool:
    """Whether the program is to do as chdkptp: by a switch, by its name, or by the environment."""
    name = os.path.basename(program).partition(".")[0]  # noqa: PTH119
    return switch or name == "chdkptp" or os.environ.get("CHDKSHELL_COMPAT", "0") not in ("", "0")


def markdown_table() -> str:
    """Return all differences as a table for the README."""
    rows = [f"| {d.name} | {d.chdkptp} | {d.ours} | {d.why} |" for d in DIFFERENCES]
    head = ["| | with `--chdkptp`, as chdkptp | without | why |", "|---|---|---|---|"]
    return "\n".join([*head, *rows]) + "\n"
