"""The udev rule that lets a user open a camera: the one to write, and those that are there."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from chdkshell.shell.connectionadvice import UDEV_RULE, UDEV_RULE_FILE
from chdkshell.shell.doctor.system import CANON_VENDOR_ID, SystemView

RULE_FOLDERS = (
    "/etc/udev/rules.d",
    "/run/udev/rules.d",
    "/usr/local/lib/udev/rules.d",
    "/usr/lib/udev/rules.d",
    "/lib/udev/rules.d",
)
"""Where udev looks for rules; of files with the same name only the first counts (udev(7))."""

_TERM = re.compile(r'(\w+)(?:\{([^}]*)\})?\s*(==|!=|\+=|-=|:=|=)\s*"([^"]*)"')
_OPEN_TO_ALL = re.compile(r"0?\d\d[67]")


@dataclass(frozen=True, slots=True)
class UdevRule:
    """A rule, and the file that it belongs in."""

    path: str
    text: str

    @property
    def command(self) -> str:
        """The command that writes the rule and puts it into effect."""
        return (
            f"echo '{self.text}' | sudo tee {self.path} && sudo udevadm control --reload"
            f" && sudo udevadm trigger --attr-match=idVendor={CANON_VENDOR_ID:04x}"
        )


def udev_rule() -> UdevRule:
    """Return the rule that lets whoever sits at a Linux machine open a Canon camera."""
    return UdevRule(UDEV_RULE_FILE, UDEV_RULE)


def find_rule(system: SystemView, products: Iterable[int]) -> str:
    """Return the file with a rule that gives access to Canon cameras, or "".

    A rule for single models counts where it names one of the `products` (USB product ids).
    """
    wanted = {f"{product:04x}" for product in products}
    for path, text in _rule_files(system):
        if any(_gives_access(line, wanted) for line in _lines(text)):
            return path
    return ""


def _rule_files(system: SystemView) -> Iterator[tuple[str, str]]:
    seen = set()
    for folder in RULE_FOLDERS:
        for file in sorted(system.path(folder).glob("*.rules")):
            if file.name in seen:
                continue
            seen.add(file.name)
            try:
                yield f"{folder}/{file.name}", file.read_text(errors="replace")
            except OSError:
                continue


def _lines(text: str) -> Iterator[str]:
    """Yield the rules: lines joined where a backslash ends them, without comments."""
    for line in text.replace("\\\n", " ").splitlines():
        if not line.lstrip().startswith("#"):
            yield line


def _gives_access(line: str, products: set[str]) -> bool:
    terms = [(key, name or "", op, value) for key, name, op, value in _TERM.findall(line)]
    return _names_cameras(terms, products) and any(map(_opens, terms))


def _names_cameras(terms: list[tuple[str, str, str, str]], products: set[str]) -> bool:
    """Whether the conditions of a rule fit a Canon camera."""
    conditions = [(name, value.lower()) for _, name, op, value in terms if op == "=="]
    models = [value for name, value in conditions if name in ("idProduct", "ID_MODEL_ID")]
    if models and not products.intersection(models):
        return False
    return any(
        (name in ("idVendor", "ID_VENDOR_ID") and value == f"{CANON_VENDOR_ID:04x}")
        or (name == "ID_USB_INTERFACES" and ":06" in value)
        or (name == "bInterfaceClass" and value == "06")
        for name, value in conditions
    )


def _opens(term: tuple[str, str, str, str]) -> bool:
    """Whether a term gives a user access: through the seat, a group, or to everybody."""
    key, _, op, value = term
    if op == "==":
        return False
    return (
        (key == "TAG" and op == "+=" and value == "uaccess")
        or key == "GROUP"
        or (key == "MODE" and _OPEN_TO_ALL.fullmatch(value) is not None)
    )
