"""The page of the library's public names, written from their docstrings."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from enum import Enum
from functools import cached_property

import chdkshell
from chdkshell import traffic
from chdkshell.records import Record

GROUPS = (
    ("Connecting", ("connect", "list_cameras", "Device")),
    ("The camera", ("Camera",)),
    ("Files on the card", ("Files", "CardEntry", "Selection", "CopyOptions", "CardPath")),
    (
        "Shooting",
        (
            *("Exposure", "NdFilter", "CanonFormat", "CardShot", "CaptureRequest", "CapturedShot"),
            "ShotListener",
        ),
    ),
    (
        "Exposure units (APEX*96)",
        (
            *("shutter_to_tv96", "tv96_to_shutter", "iso_to_sv96", "sv96_to_iso"),
            *("f_number_to_av96", "av96_to_f_number"),
        ),
    ),
    ("Several cameras", ("Rig", "RigResults")),
    (
        "Synchronised shots",
        (
            *("SyncRequest", "CardShotSettings", "DownloadDestination", "CaptureDestination"),
            "SyncReport",
        ),
    ),
    ("Live frames", ("LiveFrame",)),
    ("Scripts and values", ("ScriptHandle", "NamedValues")),
    (
        "Events",
        (
            *("CameraEvent", "ObjectAdded", "ObjectRemoved", "PropertyChanged", "StoreFull"),
            "CaptureComplete",
        ),
    ),
    ("Long calls", ("Progress", "CancelToken")),
)
"""The public names but the errors, as the page has them."""


def reference() -> str:
    """Return the page's part about every public name, as Markdown."""
    lines: list[str] = []
    for title, names in GROUPS:
        lines += [f"### {title}", ""]
        for name in names:
            lines += _entry(name, getattr(chdkshell, name))
    lines += ["### Logging", "", _text(traffic), "", "### Errors", ""]
    lines += [
        "`Reason` has the codes of `error.reason`. All errors derive from `ChdkShellError`.",
        "",
    ]
    for name in _errors():
        lines.append(f"- `{name}`: {_first(getattr(chdkshell, name))}")
    return "\n".join(lines) + "\n"


def documented() -> set[str]:
    """Return all names that the page has."""
    return {name for _, names in GROUPS for name in names} | {*_errors(), "Reason", "TRAFFIC"}


def _errors() -> list[str]:
    found = []
    for name in chdkshell.__all__:
        value = getattr(chdkshell, name)
        if isinstance(value, type) and issubclass(value, Exception):
            found.append(name)
    return found


def _entry(name: str, value: object) -> Iterator[str]:
    if not isinstance(value, type):
        yield from (f"**`{name}{_arguments(value)}`**", "", _text(value), "")
        return
    yield from (f"**`{name}`**", "", _text(value), "")
    members = [f"- `{member}`{kind}: {doc}" for member, kind, doc in _members(value)]
    if issubclass(value, Enum):
        members.append(f"- {', '.join(f'`{each.name}`' for each in value)}")
    if members:
        yield from (*members, "")


def _members(owner: type) -> Iterator[tuple[str, str, str]]:
    """Yield the public members with a docstring: name, what it is, and the first sentence."""
    seen = set()
    for base in owner.__mro__:
        if not base.__module__.startswith("chdkshell.") or base is Record:
            continue  # what a mapping, a tuple or a record can do is known
        for name, member in vars(base).items():
            if name.startswith("_") or name in seen:
                continue
            seen.add(name)
            if isinstance(member, property):
                first = _first(member)
                kind = " (can be set)" if member.fset and "an be set" not in first else ""
                yield name, kind, first
            elif isinstance(member, cached_property):
                yield name, "", _first(member)
            elif isinstance(member, classmethod) or inspect.isfunction(member):
                function = member.__func__ if isinstance(member, classmethod) else member
                if function.__doc__:
                    yield f"{name}{_arguments(function)}", "", _first(function)


def _arguments(function: object) -> str:
    signature = inspect.signature(function)  # type: ignore[arg-type]
    names = [p for n, p in signature.parameters.items() if n not in ("self", "cls")]
    shown = ["*" + p.name if p.kind is p.VAR_POSITIONAL else p.name for p in names]
    return f"({', '.join(shown)})"


def _text(value: object) -> str:
    """Return a docstring as Markdown: its examples become blocks."""
    doc = inspect.getdoc(value) or ""
    head, mark, example = doc.partition(">>> ")
    return f"{head.rstrip()}\n\n```python\n>>> {example}\n```" if mark else doc


def _first(value: object) -> str:
    """Return the first paragraph of a docstring on one line."""
    return " ".join((inspect.getdoc(value) or "").partition("\n\n")[0].split())
