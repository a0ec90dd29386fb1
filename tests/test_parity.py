"""The plain output is that of the established client: recorded sessions, block by block."""

from __future__ import annotations

from pathlib import Path

from parity_cases import Block, Client, difference, make_card, read_cases, run_host


def play(blocks: list[Block], tmp_path: Path) -> list[str]:
    """Run blocks in one process on a fresh card; return where the output differs."""
    card = make_card(tmp_path / "card")
    folder = tmp_path / "work"
    folder.mkdir()
    differences = []
    with Client(f"sim:card={card}", folder) as client:
        for block in blocks:
            if block.kind == ">":
                printed = client.run(block.command)
            else:
                printed = run_host(block.command, folder)
            differences.append(difference(block, printed))
    return [text for text in differences if text]


def test_scripts_and_messages(tmp_path: Path) -> None:
    sections = read_cases("script.txt")
    blocks = [block for section in sections.values() for block in section]
    assert len(blocks) == 68
    assert not play(blocks, tmp_path)


def test_listing_download_and_upload(tmp_path: Path) -> None:
    sections = read_cases("files.txt")
    blocks = [*sections["listing"], *sections["download"], *sections["upload"]]
    assert len(blocks) == 41
    assert not play(blocks, tmp_path)


def test_the_comparison_sees_differences() -> None:
    recorded = Block(">", "ls A/NOPE", ["ERROR: A/NOPE: errno 0xNN", "N:return:1"])
    assert not difference(recorded, ["ERROR: A/NOPE: errno 0x2; try ls", "17:return:1"])
    assert difference(recorded, ["ERROR: A/NOPE: errno 0x2"])
    assert difference(recorded, ["ERROR: A/OTHER: errno 0x2", "17:return:1"])
    assert difference(recorded, ["ERROR: A/NOPE: errno 0x2 and more", "17:return:1"])
    assert difference(recorded, ["ERROR: A/NOPE: errno 0x2", "17:return:10"])
    assert difference(recorded, ["17:return:1", "ERROR: A/NOPE: errno 0x2"])
