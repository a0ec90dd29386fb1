"""The fields that listings have in JSON: programs read them, whatever the record has besides."""

from __future__ import annotations

from chdkshell.chdk.cardentry import CardEntry
from chdkshell.shell.results.files import Entries, Names
from chdkshell.shell.results.images import Pictures
from chdkshell.shell.results.jsonvalues import to_json
from chdkshell.shell.results.trees import Found, TreePart, TreeRow

FILE = CardEntry("A/D/X.JPG", 5, 7, 0x20, top="A/D", depth=1)
FOLDER = CardEntry("A/D/E", 0, 7, 0x10, is_dir=True, top="A/D", depth=1, is_last=True)
ITSELF = CardEntry("A/D/X.JPG", 5, 7, 0x20, top="A/D/X.JPG")

LISTED = {
    "name": "X.JPG",
    "size": 5,
    "mtime": 7,
    "attrib": 0x20,
    "is_dir": False,
    "is_file": True,
}
WALKED = {
    "path": "A/D/E",
    "top": "A/D",
    "depth": 1,
    "size": 0,
    "mtime": 7,
    "is_dir": True,
}


def test_a_folder() -> None:
    folder = {**LISTED, "name": "E", "size": 0, "attrib": 0x10, "is_dir": True, "is_file": False}
    listed = {"path": "A/D", "entries": [LISTED, folder]}
    assert to_json(Entries("A/D", (FILE, FOLDER))) == listed
    assert to_json(Names("A/D", (FILE, FOLDER), "D")) == listed


def test_whole_paths() -> None:
    whole = {**LISTED, "name": "A/D/X.JPG"}
    assert to_json(Entries("", (ITSELF,))) == {"path": "", "entries": [whole]}
    assert to_json(Pictures((FILE,))) == [whole]


def test_what_is_found_in_trees() -> None:
    assert to_json(Found((FOLDER,))) == [WALKED]
    tree = {"top": "A/D", "items": [WALKED], "with_sizes": False}
    assert to_json(TreePart("A/D", (TreeRow(FOLDER, ""),), False)) == tree
