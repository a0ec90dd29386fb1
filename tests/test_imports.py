"""Imports point downward only, and a start imports little."""

from __future__ import annotations

import ast
import graphlib
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.chdk_card import make_card
from support.shell_process import PROJECT, environment, run

from chdkshell.sim.camera import SimCamera
from chdkshell.sim.interfaces.ipserver import IpServer

LAYERS = (
    ("bugs", "disk", "reasons", "records", "traffic", "version", "waits"),
    ("errors",),
    ("flow", "pace", "packages"),
    ("lua",),
    ("streams",),
    ("hostnames",),
    ("outlets",),
    ("ptp",),
    ("transport",),
    ("chdk",),
    ("trace",),
    ("share",),
    ("sim",),
    ("standard",),
    ("link", "identity"),
    ("connection",),
    ("api",),
    ("camera",),
    ("rig",),
    ("page",),
    ("selftest",),
    ("hostlua",),
    ("shell",),
    ("shell.terminal",),
    ("shell.results",),
    ("shell.output",),
    ("shell.connections",),
    ("shell.context", "shell.leftscripts", "shell.explaining", "shell.devices", "shell.devicelist"),
    ("shell.card", "shell.luahost", "shell.scripting"),
    ("shell.shots",),
    ("shell.viewing",),
    ("shell.doctor",),
    ("shell.selftesting",),
    ("shell.many",),
    ("shell.commands",),
    ("shell.dispatch",),
    ("shell.prompt",),
    ("shell.emit", "shell.completions", "shell.simserver", "shell.shareserver", "shell.program"),
    ("cli", "__main__"),
)
"""The package's modules, low to high. Each may import its own layer and those before it.

A module stands where the longest of its names does: all of the shell that is not named stands below
the parts of it that are.
"""

HEAVY = {
    "PIL",
    "libusb_package",
    "lupa",
    "numpy",
    "prompt_toolkit",
    "pygments",
    "rich",
    "starlette",
    "tifffile",
    "usb",
    "uvicorn",
}
"""What no batch command may load that does not need it."""

SLOW = {"argparse", "asyncio", "dataclasses", "inspect", "json", "logging", "pathlib", "threading"}
"""Parts of the standard library that a start does without: each takes milliseconds."""


def layer(module: str) -> int:
    """Return how high a module of the package stands, the best match first."""
    name = module.removeprefix("chdkshell.")
    matches = [
        (len(prefix), height)
        for height, prefixes in enumerate(LAYERS)
        for prefix in prefixes
        if name == prefix or name.startswith(prefix + ".")
    ]
    assert matches, f"{module} stands in no layer: LAYERS has to name it"
    return max(matches)[1]


def modules() -> dict[str, Path]:
    """Return the package's modules and their files."""
    found = {}
    for path in sorted((PROJECT / "chdkshell").rglob("*.py")):
        parts = path.relative_to(PROJECT).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def imports(tree: ast.AST, known: dict[str, Path]) -> Iterator[str]:
    """Yield the modules of the package that a module imports, inside functions too."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in known)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute here"
            for alias in node.names:
                name = f"{node.module}.{alias.name}"
                if name in known:
                    yield name
                elif node.module in known:
                    yield str(node.module)


def import_graph() -> dict[str, set[str]]:
    """Return which modules of the package each of them imports."""
    known = modules()
    return {
        module: set(imports(ast.parse(path.read_text("utf-8")), known)) - {module, "chdkshell"}
        for module, path in known.items()
        if module != "chdkshell"
    }


def test_imports_point_downward() -> None:
    known = modules()
    assert len(known) > 30
    upward = []
    for importer, path in known.items():
        if importer == "chdkshell":
            continue  # exports the public API, on demand
        for imported in imports(ast.parse(path.read_text("utf-8")), known):
            if imported != "chdkshell" and layer(imported) > layer(importer):
                upward.append(f"{importer} imports {imported}")
    assert upward == []


def test_no_circle() -> None:
    """Not one, also counting imports inside functions and those for type checkers alone."""
    graphlib.TopologicalSorter(import_graph()).prepare()  # raises CycleError, which names it


def parts_of(package: str, graph: dict[str, set[str]]) -> dict[str, set[str]]:
    """Return which modules and packages right in `package` import which of each other."""

    def part(module: str) -> str:
        return module.removeprefix(f"{package}.").partition(".")[0]

    inside = {m for m in graph if m.startswith(f"{package}.")}
    parts: dict[str, set[str]] = {part(module): set() for module in inside}
    for module in inside:
        parts[part(module)] |= {part(m) for m in graph[module] & inside} - {part(module)}
    return parts


def test_no_circle_of_packages() -> None:
    """The parts of each package stand in an order: no two of them import each other."""
    graph = import_graph()
    packages = {module.rpartition(".")[0] for module in graph}
    assert {"chdkshell.chdk", "chdkshell.shell", "chdkshell.sim"} < packages
    for package in packages:
        graphlib.TopologicalSorter(parts_of(package, graph)).prepare()


def test_a_circle_of_packages_is_seen() -> None:
    graph = {"a.b.x": {"a.c.y"}, "a.c.y": set(), "a.c.z": {"a.b.v"}, "a.b.v": set[str]()}
    graphlib.TopologicalSorter(graph).prepare()
    with pytest.raises(graphlib.CycleError):
        graphlib.TopologicalSorter(parts_of("a", graph)).prepare()


def test_a_circle_is_seen() -> None:
    with pytest.raises(graphlib.CycleError):
        graphlib.TopologicalSorter({"a": {"b"}, "b": {"a"}}).prepare()


def test_no_two_classes_have_one_name() -> None:
    """Whoever reads a name need not look up whose it is."""
    homes: dict[str, list[str]] = {}
    for module, path in modules().items():
        for node in ast.parse(path.read_text("utf-8")).body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                homes.setdefault(node.name, []).append(module)
    assert len(homes) > 300
    assert {name: found for name, found in homes.items() if len(found) > 1} == {}


def test_the_import_test_sees_an_upward_import() -> None:
    known = modules()
    code = "def f():\n    from chdkshell.shell import parse\n"
    assert list(imports(ast.parse(code), known)) == ["chdkshell.shell.parse"]
    assert layer("chdkshell.shell.parse") > layer("chdkshell.chdk.card.files")
    assert layer("chdkshell.transport.usb") > layer("chdkshell.ptp.session")


def test_no_test_file_imports_another() -> None:
    tests = {path.stem: path for path in (PROJECT / "tests").rglob("test_*.py")}
    assert len(tests) > 100
    for importer, path in tests.items():
        text = path.read_text("utf-8")
        imported = set(re.findall(r"^\s*(?:from|import) (?:\w+\.)*(\w+)", text, re.M))
        found = sorted(imported & set(tests))
        assert not found, f"{importer}.py imports {found}: what is shared stands in no test file"


def loaded_modules(*arguments: str) -> set[str]:
    """Return the names of the modules that a run of the program loads."""
    done = run(*arguments, "-e", "!import sys; print(*sys.modules)", PYTHONNODEBUGRANGES="1")
    assert done.returncode == 0, done.stderr
    return set(done.stdout.split("\n")[-2].split())


@pytest.mark.parametrize(
    "arguments",
    [("-r", "-e", "help quit"), ("-e", "set cli_time"), ("-r", "-e", "help -v")],
    ids=lambda arguments: " ".join(arguments),
)
def test_a_batch_command_loads_only_what_it_needs(arguments: tuple[str, ...]) -> None:
    before = loaded_by_bare_python()
    loaded = loaded_modules(*arguments) - before
    assert "chdkshell.shell.dispatch" in loaded
    assert not {name.partition(".")[0] for name in loaded} & HEAVY
    # `!` itself compiles with ast
    assert not loaded & SLOW
    assert not [
        name
        for name in loaded
        if name.startswith(("chdkshell.chdk", "chdkshell.lua", "chdkshell.ptp"))
    ]


def test_copying_loads_little(tmp_path: Path) -> None:
    """A run that copies a few files is over in the time that these take."""
    card = make_card(tmp_path / "card")
    with IpServer(SimCamera(card)) as server:
        loaded = loaded_modules(
            *("-r", "--device", server.address, "-e", f"mdl NOTES.TXT '{tmp_path / 'out'}'")
        )
    assert (tmp_path / "out/NOTES.TXT").read_bytes() == (card / "NOTES.TXT").read_bytes()
    assert "chdkshell.chdk.card.downloading" in loaded
    slow = {"hashlib", "importlib.resources", "shutil", "chdkshell.shell.results.files"}
    assert not (loaded & slow) - loaded_by_bare_python()


def loaded_by_bare_python() -> set[str]:
    """Return what Python loads by itself, with the hooks of installed packages."""
    done = subprocess.run(
        [sys.executable, "-c", "import sys; print(*sys.modules)"],
        env=environment(),
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    return set(done.stdout.split())
