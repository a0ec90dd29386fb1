"""Whether this user may open a camera on Linux: its node, the udev rule, groups and the seat."""

from __future__ import annotations

from chdkshell.shell.doctor.finding import Finding
from chdkshell.shell.doctor.rules import RULE_GROUP, Grant, grants, udev_rule
from chdkshell.shell.doctor.system import SystemView, UsbNode


def check_node(system: SystemView, node: UsbNode) -> Finding:
    """Return whether the camera's node can be opened, and what mends it."""
    path = system.path(node.path)
    try:
        mode = f"mode {path.stat().st_mode & 0o777:04o}"
    except OSError:
        mend = "unplug the camera and plug it in again"
        if system.is_container:
            mend = "docker run -v /dev/bus/usb:/dev/bus/usb --privileged …"
        return Finding("access", False, f"{node.path}, the camera's node, is missing", mend)
    if system.may_open(path):
        return Finding("access", True, f"{node.path} may be read and written ({mode})")
    seen = f"{node.path} may not be read and written by this user ({mode})"
    rule = check_rule(system, [node])
    if not system.runs_udev:
        return Finding("access", False, seen, f"sudo chmod a+rw {node.path}")
    mend = "as told for the udev rule, below" if rule.mend else _access_mend(system, [node])
    return Finding("access", False, seen, mend)


def check_rule(system: SystemView, nodes: list[UsbNode]) -> Finding:
    """Return whether a udev rule gives this user access to Canon cameras."""
    if not system.runs_udev:
        return Finding("udev rule", None, "udev does not run here, so no rule has an effect")
    found = grants(system, [node.product_id for node in nodes])
    fitting = next((grant for grant in found if _reaches(system, grant)), None)
    if fitting:
        return Finding("udev rule", True, f"{fitting.path} gives access to Canon cameras")
    seen = _why_none(system, found)
    if nodes and all(system.may_open(system.path(node.path)) for node in nodes):
        return Finding("udev rule", None, f"{seen}; this user has access all the same")
    return Finding("udev rule", False, seen, _access_mend(system, nodes))


def _reaches(system: SystemView, grant: Grant) -> bool:
    """Whether what a rule gives is given to this user, as far as can be known."""
    if grant.everybody or grant.group in system.groups:
        return True
    return grant.seat and system.has_seat() is not False


def _why_none(system: SystemView, found: list[Grant]) -> str:
    """Say why no rule gives this user access. None of those in `found` does."""
    if not found:
        return "no rule gives access to Canon cameras"
    grant = found[0]
    whom, lacks = [], []
    if grant.group:
        whom.append(f"the group {grant.group}")
        put_in = system.user in system.group_members().get(grant.group, ())
        lacks.append("is in it from the next login on" if put_in else "is not in it")
    if grant.seat:
        whom.append("who sits at this computer")
        lacks.append("has no seat here (over ssh nobody has)")
    path = grant.path
    return f"{path} gives access to {' and '.join(whom)}; {system.user} {' and '.join(lacks)}"


def _access_mend(system: SystemView, nodes: list[UsbNode]) -> str:
    found = grants(system, [node.product_id for node in nodes])
    if any(_reaches(system, grant) for grant in found):
        return "unplug the camera and plug it in again, so that the rule has its effect"
    groups = system.group_members()
    by_group = system.has_seat() is False and RULE_GROUP not in system.groups
    steps = []
    if by_group and RULE_GROUP not in groups:
        steps.append(f"sudo groupadd --system {RULE_GROUP}")
    if not any(grant.seat and grant.group == RULE_GROUP for grant in found):
        steps.append(udev_rule().command)
    if by_group and system.user not in groups.get(RULE_GROUP, ()):
        steps.append(f"sudo usermod -aG {RULE_GROUP} {system.user}")
    if not by_group:
        return " && ".join(steps)
    again = f"log out and in again, for {RULE_GROUP} counts from then on"
    return f"{' && '.join(steps)}; then {again}" if steps else again
