"""A card with a few files."""

from pathlib import Path


def make_card(root: Path) -> Path:
    """Make a small card in the folder `root` and return the folder."""
    (root / "DCIM/100CANON").mkdir(parents=True)
    (root / "EMPTY").mkdir()
    (root / "NOTES.TXT").write_bytes(b"forty bytes of text, with an end. 1234\r\n")
    (root / "DCIM/100CANON/IMG_0001.JPG").write_bytes(bytes(range(256)) * 10)
    (root / "DCIM/100CANON/EMPTY.BIN").write_bytes(b"")
    return root
