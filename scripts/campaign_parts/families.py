"""The families of cases by their names, each with what it needs set up."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager

Run = Callable[[random.Random], tuple[str, str, int]]
"""Runs a case: what was done in it, its line, and how many that counts for."""


@contextmanager
def runner(family: str) -> Iterator[Run]:
    """Give what runs the cases of a family."""
    if family == "cut":
        from campaign_parts.cuts import Cuts
        from campaign_parts.place import a_place

        with a_place() as place:
            cuts = Cuts(place)
            yield lambda rng: (*cuts.run(rng), 1)
    elif family == "signal":
        from campaign_parts.place import a_place
        from campaign_parts.program import Programs
        from campaign_parts.signals import Signals

        with a_place() as place, closing(Programs()) as programs:
            signals = Signals(place, programs)
            yield lambda rng: (*signals.run(rng), 1)
    elif family == "packet":
        from campaign_parts.packets import some_packets
        from campaign_parts.place import a_root

        with a_root() as root, some_packets(root) as packets:
            yield packets.run
    elif family == "dataset":
        from campaign_parts.datasets import Datasets

        yield Datasets().run
    else:
        raise SystemExit(f"no family {family}")
