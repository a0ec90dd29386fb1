"""Run a slice of the campaign and print its table."""

from __future__ import annotations

import argparse
import faulthandler
import multiprocessing
import random
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field

HANGS = 180.0
"""Seconds after which a case hangs, on a busy machine too: its stacks are shown, and all ends."""

FAMILIES = ("cut", "signal", "packet", "dataset")


@dataclass
class Part:
    """What one process has to do, and what came of it."""

    seed: int
    counts: dict[str, int]
    only: tuple[str, int] | None
    index: int
    jobs: int
    done: Counter[tuple[str, str]] = field(default_factory=Counter)
    failed: Counter[tuple[str, str]] = field(default_factory=Counter)
    commands: dict[str, Counter[str]] = field(default_factory=dict)
    failures: list[str] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)

    def numbers(self, family: str) -> Iterator[int]:
        """Yield the numbers of the cases that are this process's.

        Packets and datasets count as many as were changed in a case.
        """
        if self.only is not None:
            yield from [self.only[1]] * (self.only[0] == family)
            return
        share = len(range(self.index, self.counts[family], self.jobs))
        number = self.index
        while sum(count for (name, _), count in self.done.items() if name == family) < share:
            yield number
            number += self.jobs


def main() -> int:
    """Run what the command line asks for. Returns 1 where anything failed."""
    arguments = _arguments()
    counts = {family: getattr(arguments, f"{family}s") for family in FAMILIES}
    only = None
    if arguments.only:
        family, _, number = arguments.only.partition(":")
        only = family, int(number)
    jobs = 1 if only else arguments.jobs
    parts = [Part(arguments.seed, counts, only, index, jobs) for index in range(jobs)]
    if jobs == 1:
        parts = [_run(parts[0])]
    else:
        # unlike multiprocessing.Pool, it raises where a process dies
        with ProcessPoolExecutor(jobs, multiprocessing.get_context("spawn")) as pool:
            parts = list(pool.map(_run, parts))
    return _report(arguments.seed, parts)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser("campaign", description=__doc__)
    parser.add_argument("--seed", type=int, default=1, help="which cases: the same seed, the same")
    for name, what in (
        ("cuts", "links, disks and cards that fail"),
        ("signals", "signals to a program that runs"),
        ("packets", "packets that are not as they were sent"),
        ("datasets", "datasets of standard PTP that are not as they were sent"),
    ):
        parser.add_argument(f"--{name}", type=int, default=0, metavar="N", help=what)
    parser.add_argument("--only", metavar="FAMILY:N", help="one case, such as cut:1234")
    parser.add_argument("--jobs", type=int, default=1, metavar="N", help="processes at a time")
    return parser.parse_args()


def _run(part: Part) -> Part:
    from campaign_parts.families import runner

    for family in FAMILIES:
        start = time.monotonic()
        wanted = part.counts[family] if part.only is None else part.only[0] == family
        if wanted:
            with runner(family) as run:
                for number in part.numbers(family):
                    _run_one(part, family, number, run)
                faulthandler.cancel_dump_traceback_later()
        part.seconds[family] = time.monotonic() - start
    return part


def _run_one(part: Part, family: str, number: int, run: object) -> None:
    rng = random.Random(f"{part.seed}:{family}:{number}")
    name = f"{family}:{number}"
    faulthandler.dump_traceback_later(HANGS, exit=True)
    try:
        kind, line, count = run(rng)  # type: ignore[operator]
    except Exception as error:  # what is no AssertionError came out of where it must not
        text = " ".join(str(error).split("\nassert")[0].split())
        if not isinstance(error, AssertionError):
            text = f"escaped: {type(error).__name__}: {text}"
        kind = text.partition(":")[0]
        part.failed[family, kind] += 1
        part.done[family, kind] += 1
        told = f"FAILED {name} {text}; again: scripts/campaign --seed {part.seed} --only {name}"
        part.failures.append(told)
        print(told, file=sys.stderr, flush=True)
        return
    part.done[family, kind] += count
    part.commands.setdefault(family, Counter())[line.split()[0]] += count
    if part.only is not None:
        print(f"{name} {kind}: {line}: as it should be")


def _report(seed: int, parts: list[Part]) -> int:
    done: Counter[tuple[str, str]] = sum((part.done for part in parts), Counter())
    failed: Counter[tuple[str, str]] = sum((part.failed for part in parts), Counter())
    print(f"{'seed ' + str(seed):<8} {'what':<24} {'done':>9} {'failed':>7} {'ms each':>9}")
    for family in FAMILIES:
        kinds = sorted(kind for name, kind in done if name == family)
        count = sum(done[family, kind] for kind in kinds)
        for kind in kinds:
            print(f"{family:<8} {kind:<24} {done[family, kind]:>9} {failed[family, kind]:>7}")
        if count:
            seconds = sum(part.seconds.get(family, 0.0) for part in parts)
            lost = sum(failed[family, kind] for kind in kinds)
            commands: set[str] = set()
            for part in parts:
                commands |= part.commands.get(family, Counter()).keys()
            each = seconds / count * 1000
            more = f"  {len(commands)} commands, {max(p.seconds[family] for p in parts):.0f} s"
            print(f"{family:<8} {'all':<24} {count:>9} {lost:>7} {each:>9.2f}{more}")
    return int(bool(failed))
