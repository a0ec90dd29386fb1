"""Which version of CHDK's protocol each feature needs: the one place for version gates."""

from __future__ import annotations

from typing import NamedTuple

from chdkshell.chdk.constants import PROTOCOL_VERSION
from chdkshell.errors import ChdkVersionError

Version = tuple[int, int]
"""Major and minor version of the protocol. Development builds have a minor above 1000."""

LAST_MAJOR = 99
"""The highest major version of the protocol that is believed: CHDK's own is far below."""

MAX_OLD_ARGUMENTS = 10
"""Arguments that CallFunction takes before protocol 2.5."""


class Feature(NamedTuple):
    """Something that came with protocol version `since`. `name` completes "... needs protocol"."""

    name: str
    since: Version


# The versions are those of the history at the head of CHDK's trunk/core/ptp.h; for the arguments of
# CallFunction see the comment on that command.
LIVE_VIEW = Feature("live view", (2, 3))
REMOTE_CAPTURE = Feature("remote capture", (2, 5))
MANY_ARGUMENTS = Feature("calling a function with more than 10 arguments", (2, 5))
SCRIPT_FLAGS = Feature("killing a script, or starting one without killing another,", (2, 6))
BUFFERED_MEMORY = Feature("reading memory through a buffer", (2, 8))
CANON_RAW_CAPTURE = Feature("remote capture of Canon raw", (2, 9))


def supports(version: Version, feature: Feature) -> bool:
    """Whether a camera with this protocol version has the feature.

    A greater major version is incompatible by definition, so it has nothing that is known here.
    """
    return version[0] == PROTOCOL_VERSION[0] and version >= feature.since


def check(version: Version, feature: Feature) -> None:
    """Raise `ChdkVersionError` where a camera with this protocol version lacks the feature."""
    if supports(version, feature):
        return
    major, minor = version
    if major > PROTOCOL_VERSION[0]:
        raise ChdkVersionError(
            f"the camera's CHDK speaks protocol {major}.{minor}, which is too new for this program",
            "a newer version of this program is needed",
        )
    raise ChdkVersionError(
        f"{feature.name} needs CHDK protocol {feature.since[0]}.{feature.since[1]}, "
        f"the camera has {major}.{minor}"
    )
