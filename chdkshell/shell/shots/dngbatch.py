"""What `dngbatch` does: commands on every file of a selection."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from typing import Annotated as Arg

from chdkshell.errors import UsageError, printable
from chdkshell.lua.patterns import check_pattern, finds
from chdkshell.outlets import check_no_stream
from chdkshell.shell.arguments import Integer, LocalPath, LuaPattern, Named
from chdkshell.shell.binding import bind
from chdkshell.shell.command import REGISTRY, Command, Registry, command
from chdkshell.shell.dngshelf import Batch, DngShelf
from chdkshell.shell.parse import find_marks
from chdkshell.shell.results.dng import BatchFile, BatchStep
from chdkshell.shell.streaming import streams

if TYPE_CHECKING:
    from chdkshell.shell.context import Context

COMMANDS = ("info", "hist", "listpixels", "mod", "dump", "save")


@dataclass(frozen=True, slots=True)
class Step:
    """A command of a batch, and its arguments."""

    command: Command
    text: str
    words: list[Any]
    switches: dict[str, Any]


@dataclass(frozen=True, slots=True)
class BatchPlan:
    """What a batch does, and on which files."""

    files: tuple[str, ...]
    options: dict[str, Any]
    steps: tuple[Step, ...]


_INNER = Registry()


@command("dngbatch", topic="dng", registry=_INNER)
def batch_options(
    context: Context,
    *files: Arg[LocalPath, "Files, and folders of them."],
    odir: Arg[LocalPath | None, "Where results go."] = None,
    pretend: Arg[bool, "Show what would be done."] = False,
    verbose: Arg[bool | int, Integer(0, 10), "Show the commands."] = False,
    fmatch: Arg[LuaPattern | None, "Only files with matching paths."] = None,
    rmatch: Arg[LuaPattern | None, "Only folders with matching paths."] = None,
    maxdepth: Arg[int, Integer(0, 100), "Levels of folders."] = 1,
    ext: Arg[str, Named("suffix"), "Suffix of the files."] = "dng",
) -> None:
    """Hold the options of dngbatch.

    Example: dngbatch shots { info }
    """


_BATCH = _INNER.find("dngbatch")


def parse_batch(line: str) -> BatchPlan:
    """Read `[options] files { command ; ... }`. Raises `UsageError` that tells all mistakes."""
    head, texts = _split(line)
    files, options = bind(_BATCH, head)
    if not files:
        raise UsageError("no files specified", "name files, or folders of them")
    for pattern in (options.get("fmatch"), options.get("rmatch")):
        if pattern is not None:
            check_pattern(pattern)
    check_no_stream(options.get("odir") or "", "several files")
    steps, problems = [], []
    for number, text in enumerate(texts, 1):
        name, _, rest = text.partition(" ")
        if name not in COMMANDS:
            problems.append(f"{number}: invalid command {printable(name)}")
            continue
        found = REGISTRY.find(f"dng{name}")
        try:
            step = Step(found, text, *bind(found, rest.strip()))
            if streams(found, step.words, step.switches):
                problems.append(f"{number}: {name}: several files cannot go to standard output")
            steps.append(step)
        except UsageError as error:
            problems.append(f"{number}: {name}: {error}")
    if problems:
        raise UsageError(", ".join(problems), f"commands are {', '.join(COMMANDS)}")
    if not steps:
        raise UsageError("at least one command is required", f"one of {', '.join(COMMANDS)}")
    return BatchPlan(tuple(files), options, tuple(steps))


def _split(line: str) -> tuple[str, list[str]]:
    """Split a batch into what stands before the braces, and the commands between them."""
    opening, closing = find_marks(line, "{")[:1], find_marks(line, "}")[-1:]
    if not opening or not closing or line[closing[0] + 1 :].strip():
        raise UsageError("parse error, missing {}?", "dngbatch shots { mod -patch ; save }")
    start, end = opening[0] + 1, closing[0]
    ends = [at for at in find_marks(line, ";") if start <= at < end]
    starts = [start, *(at + 1 for at in ends)]
    texts = [line[first:last].strip() for first, last in zip(starts, [*ends, end], strict=True)]
    return line[: opening[0]].strip(), list(filter(None, texts))


def run_batch(context: Context, shelf: DngShelf, plan: BatchPlan) -> None:
    """Run the commands of a batch on each file. The first failure ends it."""
    from chdkshell.chdk.imaging.dngtools import DngImage

    folder = plan.options.get("odir")
    pretend = plan.options.get("pretend", False)
    try:
        for path, below in _selected(plan):
            context.cancel.check()
            context.emit(BatchFile(str(path)))
            shelf.batch = Batch(
                DngImage(path), None if folder is None else Path(folder), below, pretend
            )
            for step in plan.steps:
                if pretend or plan.options.get("verbose"):
                    context.emit(BatchStep(f"dng{step.text}"))
                if pretend and step.command.name not in ("dngsave", "dngdump"):
                    continue
                result = step.command.run(context, *step.words, **step.switches)
                if result is not None:
                    context.emit(result)
    finally:
        shelf.batch = None


def _selected(plan: BatchPlan) -> Iterator[tuple[Path, Path]]:
    """Yield the files of a batch, and their paths below what was named."""
    for name in plan.files:
        path = Path(name)
        if path.is_dir():
            yield from _below(path, path, plan.options, 1)
        elif not path.exists():
            raise UsageError(f"{printable(name)}: no such file", "name files, or folders of them")
        else:
            yield path, Path(path.name)


def _below(top: Path, folder: Path, options: dict[str, Any], depth: int) -> Iterator[Any]:
    if depth > options.get("maxdepth", 1):
        return
    extension, pattern = options.get("ext", "dng"), options.get("fmatch")
    for entry in sorted(os.scandir(folder), key=lambda found: found.name):
        path = Path(entry.path)
        if entry.is_dir():
            wanted = options.get("rmatch")
            if wanted is None or finds(path.as_posix(), wanted):
                yield from _below(top, path, options, depth + 1)
            continue
        if extension != "*" and not entry.name.lower().endswith(f".{extension.lower()}"):
            continue
        if pattern is None or finds(path.as_posix(), pattern):
            yield path, path.relative_to(top)
