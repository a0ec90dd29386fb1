"""The plain text of results about files that are looked at or moved."""

from __future__ import annotations

from chdkshell.chdk.card.listing import CardItem
from chdkshell.errors import printable, printable_name
from chdkshell.shell import results


def file_text(value: object) -> str | None:
    """Return a result as text without the last line feed, None for results of another kind."""
    match value:
        case results.Found(items):
            return "\n".join(printable_name(_shown(item)) for item in items)
        case results.TreePart(rows, with_sizes):
            return "\n".join(_tree_line(row, with_sizes) for row in rows)
        case results.Space():
            used = value.total - value.free
            sizes = [("size", value.total), ("used", used), ("free", value.free)]
            return "\n".join(f"{name} {size:>14} {human_size(size):>9}" for name, size in sizes)
        case results.Usage():
            return printable_name(f"{value.size:>12} {value.path}")
        case results.WouldDelete(path):
            return printable_name(f"would delete {path}")
        case results.Moved(source, target):
            return printable_name(f"{source}->{target}")
        case results.FileText():
            return printable(value.data.decode("utf-8", "backslashreplace"))
        case results.Edited(path, changed):
            return printable_name(f"{path}: {'uploaded' if changed else 'not changed'}")
        case results.Thumbnails(pictures):
            return "\n".join(printable_name(picture.entry.name) for picture in pictures)
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


def _tree_line(row: results.TreeRow, with_sizes: bool) -> str:
    item = row.item
    if not item.depth:
        return printable_name(item.path)
    size = f" ({item.size})" if with_sizes and not item.is_dir else ""
    return f"{row.before}{printable_name(item.name)}{'/' if item.is_dir else ''}{size}"
