"""The udev rule that lets a user open a camera: the one to write, and those that are there."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from chdkshell.ptp.codes import CANON_VENDOR_ID
from chdkshell.shell.connectionadvice import UDEV_RULE, UDEV_RULE_FILE
from chdkshell.shell.doctor.system import SystemView

RULE_FOLDERS = (
    "/etc/udev/rules.d",
    "/run/udev/rules.d",
    "/usr/local/lib/udev/rules.d",
    "/usr/lib/udev/rules.d",
    "/lib/udev/rules.d",
)
"""Where udev looks for rules; of files with the same name only the first counts (udev(7))."""

RULE_GROUP = "plugdev"
"""The group in the rule to write."""

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


@dataclass(frozen=True, slots=True)
class Grant:
    """Whom a rule in the file `path` gives access to Canon cameras: a seat, a group, everybody."""

    path: str
    seat: bool = False
    group: str = ""
    everybody: bool = False


def grants(system: SystemView, products: Iterable[int]) -> list[Grant]:
    """Return what the rules of a system give, a file each, in the order in which udev reads them.

    A rule for single models counts where it names one of the `products` (USB product ids).
    """
    wanted = {f"{product:04x}" for product in products}
    found = []
    for path, text in _rule_files(system):
        terms = [term for line in _lines(text) for term in _terms_that_set(line, wanted)]
        grant = _grant(path, terms)
        if grant.seat or grant.group or grant.everybody:
            found.append(grant)
    return found


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


_Term = tuple[str, str, str, str]
"""Key, name in braces, operator and value."""


def _terms_that_set(line: str, products: set[str]) -> list[_Term]:
    """Return what a rule sets, where its conditions fit a Canon camera."""
    terms = [(key, name or "", op, value) for key, name, op, value in _TERM.findall(line)]
    return [term for term in terms if term[2] != "=="] if _names_cameras(terms, products) else []


def _grant(path: str, terms: list[_Term]) -> Grant:
    groups = [value for key, _, _, value in terms if key == "GROUP"]
    return Grant(
        path,
        any(key == "TAG" and op == "+=" and value == "uaccess" for key, _, op, value in terms),
        groups[-1] if groups else "",
        any(key == "MODE" and _OPEN_TO_ALL.fullmatch(value) for key, _, _, value in terms),
    )


def _names_cameras(terms: list[_Term], products: set[str]) -> bool:
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
