"""The plain text of results about files, many at a time."""

from __future__ import annotations

from chdkshell.chdk.card.copying import FileCopied, FileFailed, FileKept, FolderMade, SourceRemoved
from chdkshell.chdk.card.listing import CardItem
from chdkshell.errors import printable
from chdkshell.shell import results


def file_text(value: object) -> str | None:
    """Return a result as text without the last line feed, None for results of another kind."""
    match value:
        case FolderMade(path):
            return printable(f"mkdir {path}")
        case FileCopied(source, target, _, replaced):
            text = printable(f"{source}->{target}")
            return f"{text}\noverwrite: {printable(target)}" if replaced else text
        case FileKept(source, target):
            return printable(f"{source}->{target}\nskip existing: {target}")
        case FileFailed(source, _, message):
            return printable(f"{source}: {message}")
        case SourceRemoved(path, ok, message):
            return printable(f"delete {path}" if ok else f"kept {path}: {message}")
        case results.Found(items):
            return "\n".join(printable(_shown(item)) for item in items)
        case results.CardTree():
            return "\n".join(tree_lines(value))
        case results.Space():
            used = value.total - value.free
            rows = [("size", value.total), ("used", used), ("free", value.free)]
            return "\n".join(f"{name} {size:>14} {human_size(size):>9}" for name, size in rows)
        case results.Usage():
            return printable(f"{value.size:>12} {value.path}")
        case results.Moved(source, target):
            return printable(f"{source}->{target}")
        case results.FileText():
            return printable(value.data.decode("utf-8", "backslashreplace"))
        case results.Edited(path, changed):
            return printable(f"{path}: {'uploaded' if changed else 'not changed'}")
        case results.Thumbnails(pictures):
            return "\n".join(printable(picture.entry.name) for picture in pictures)
    return None


def _shown(item: CardItem) -> str:
    return item.path + ("/" if item.is_dir and not item.path.endswith("/") else "")


def human_size(count: int) -> str:
    """Return a number of bytes in the unit that suits it, as in `3.2 GiB`."""
    size = float(count)
    for unit in ("B", "KiB", "MiB"):
        if size < 1024:
            return f"{size:.0f} {unit}" if unit == "B" else f"{size:.1f} {unit}"
        size /= 1024
    return f"{size:.1f} GiB"


def tree_lines(tree: results.CardTree) -> list[str]:
    """Return a line for each file and folder, with what joins it to the folder it is in."""
    children: dict[str, list[CardItem]] = {}
    for item in tree.items:
        if item.depth:
            children.setdefault(item.path.rpartition("/")[0], []).append(item)
    top = tree.top.rstrip("/")
    lines = [printable(tree.top)]
    # an own stack: a card may nest deeper than Python's calls
    stack = [(item, "", last) for item, last in _with_last(children.get(top, []))]
    while stack:
        item, before, last = stack.pop()
        size = f" ({item.size})" if tree.with_sizes and not item.is_dir else ""
        mark = "/" if item.is_dir else ""
        lines.append(f"{before}{'`-- ' if last else '|-- '}{printable(item.name)}{mark}{size}")
        below = before + ("    " if last else "|   ")
        stack += [(child, below, end) for child, end in _with_last(children.get(item.path, []))]
    return lines


def _with_last(items: list[CardItem]) -> list[tuple[CardItem, bool]]:
    """Return items from last to first in order of names, the last one marked."""
    ordered = sorted(items, key=lambda item: item.name.encode("utf-8", "surrogateescape"))
    return [(item, item is ordered[-1]) for item in reversed(ordered)]
