"""Commands of standard PTP about files, with what is there before and after each."""

from __future__ import annotations

from support.file_cases import CARD, FIRST, OLD, PICTURES, SCRIPTS, Case, joined, without

PTP_CASES = {
    "ptp get": Case(
        "ptp get DCIM/101CANON/IMG_0003.JPG three.jpg",
        here_after=joined(SCRIPTS, {"three.jpg": PICTURES["DCIM/101CANON/IMG_0003.JPG"]}),
    ),
    "ptp get over another": Case(
        "ptp get DCIM/101CANON/IMG_0003.JPG three.jpg",
        here=joined(SCRIPTS, {"three.jpg": OLD}),
        here_after=joined(SCRIPTS, {"three.jpg": PICTURES["DCIM/101CANON/IMG_0003.JPG"]}),
    ),
    "ptp send": Case(
        "ptp send up/sub/c.lua CHDK",
        card_after=joined(CARD, {"CHDK/c.lua": SCRIPTS["up/sub/c.lua"]}),
        uploads=True,
        is_done_at_once=True,
    ),
    "ptp rm": Case(
        f"ptp rm {FIRST} -y",
        card_after=without(CARD, FIRST),
        removed=(FIRST,),
        is_done_at_once=True,
    ),
    "ptp mv": Case(
        "ptp mv KEEP.TXT CHDK",
        card_after=joined(without(CARD, "KEEP.TXT"), {"CHDK/KEEP.TXT": b"keep me"}),
        moved={"KEEP.TXT": "CHDK/KEEP.TXT"},
        is_done_at_once=True,
    ),
    "ptp mkdir": Case("ptp mkdir MADE", card_after=CARD, makes="MADE", is_done_at_once=True),
    "ptp format": Case("ptp format A/ -y", card_after={}, removed=tuple(CARD)),
}
