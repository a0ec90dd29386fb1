"""Results: each kind has its forms in one place, and the renderer alone knows which is wanted."""

from __future__ import annotations

import ast
import importlib
import json
import pkgutil
from pathlib import Path
from typing import Any

import pytest
from support.shell_process import PROJECT, run
from support.small_dng import make_dng

from chdkshell.shell import results
from chdkshell.shell.results import Result, ResultPart

KNOW_THE_OUTPUT = {
    "chdkshell/cli.py",
    "chdkshell/shell/luahost.py",  # programs read plain text
    "chdkshell/shell/output/render.py",
    "chdkshell/shell/prefs.py",
}
"""What may say or ask which output is on."""


def asks_for_the_output(tree: ast.AST) -> bool:
    """Whether a module uses `OutputKind`, or an attribute `output_kind` of the options."""
    return any(
        (isinstance(node, ast.Name) and node.id == "OutputKind")
        or (isinstance(node, ast.Attribute) and node.attr in ("OutputKind", "output_kind"))
        or (isinstance(node, ast.ImportFrom) and any(a.name == "OutputKind" for a in node.names))
        for node in ast.walk(tree)
    )


def test_the_renderer_alone_knows_which_output_is_on() -> None:
    asking = {
        str(path.relative_to(PROJECT))
        for path in (PROJECT / "chdkshell").rglob("*.py")
        if asks_for_the_output(ast.parse(path.read_text("utf-8")))
    }
    assert asking == KNOW_THE_OUTPUT


def test_each_kind_has_a_plain_text_of_its_own() -> None:
    for module in pkgutil.iter_modules(results.__path__, f"{results.__name__}."):
        importlib.import_module(module.name)
    kinds = {*Result.__subclasses__(), *ResultPart.__subclasses__()} - {ResultPart}
    assert len(kinds) > 40
    assert [kind.__name__ for kind in kinds if kind.text is Result.text] == []


@pytest.fixture
def card(tmp_path: Path) -> Path:
    folder = tmp_path / "card"
    for number in range(3):
        file = folder / f"DCIM/100CANON/IMG_000{number}.JPG"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(b"\xff\xd8")
    return folder


def as_json(card: Path, *lines: str, code: int = 0) -> list[Any]:
    """Return the results of `lines` in JSON; the last ends with `code`."""
    options = [option for line in lines for option in ("-e", line)]
    done = run("-r", "--json", "--device", f"sim:card={card}", *options, cwd=card.parent)
    assert done.returncode == code, done.stderr
    return [json.loads(line).get("result") for line in done.stdout.splitlines()]


def test_zoom_and_focus_give_numbers(card: Path) -> None:
    _, zoom, focus = as_json(card, "rec", "zoom", "focus")
    assert zoom == {"position": 0, "steps": 8}
    assert isinstance(focus["distance"], int)


def test_dng_commands_give_data(card: Path) -> None:
    make_dng(card.parent / "a.dng")
    lines = ("dngload a.dng", "dnglist", "dnginfo -ifd", "dnglistpixels -max=0", "dngmod -patch")
    loaded, listed, info, pixels, patched = as_json(card, *lines)
    assert loaded == {"path": "a.dng"}
    assert listed == [{"number": 1, "path": "a.dng", "selected": True}]
    assert info["directories"][0]["tags"][0]["name"] == "NewSubfileType"
    assert (pixels["total"], len(pixels["pixels"])) == (2, 2)
    assert patched == {"path": "a.dng", "pixels": 2}


def test_what_is_shown_in_parts_is_one_result(card: Path) -> None:
    tree, found, listed, none = as_json(
        card, "tree DCIM", "find -nodirs DCIM", "imls -sort=path", "imls -sort=path -glob=*.CR2"
    )
    assert tree["top"] == "A/DCIM"
    assert [item["path"] for item in tree["items"]][:2] == ["A/DCIM", "A/DCIM/100CANON"]
    names = [f"A/DCIM/100CANON/IMG_000{number}.JPG" for number in range(3)]
    assert [item["path"] for item in found] == names
    assert [item["name"] for item in listed] == names
    assert none == []


def test_a_pretence_says_so_in_json(card: Path) -> None:
    (deletions,) = as_json(card, "rm -pretend -nodirs DCIM")
    assert all(item["pretended"] for item in deletions)
    assert len(list(card.rglob("*.JPG"))) == len(deletions) == 3


def test_failures_told_as_text_are_results_in_json(card: Path) -> None:
    (failed,) = as_json(card, "repl error('no')", code=1)
    assert failed[0]["kind"] == "runtime"
    done = run("-r", "--device", f"sim:card={card}", "-e", "repl error('no')")
    assert done.stdout == ""
    assert done.stderr.startswith("ERROR: :1: no")
