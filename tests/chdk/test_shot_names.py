"""Names of pictures on this computer, made of what a camera says of itself and of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from chdkshell.chdk.shooting.capture import FileKind
from chdkshell.chdk.shooting.cardpictures import CardPicture
from chdkshell.chdk.shooting.destinations import CaptureDestination, DownloadDestination
from chdkshell.chdk.templates.variables import NamingInfo
from chdkshell.errors import UsageError

HOSTILE = NamingInfo("../../etc/x\x1b[2J", 0x3196)


def test_a_serial_leads_nowhere() -> None:
    capture = CaptureDestination("out/${serial}_${pid}${ext}", HOSTILE)
    assert capture.path(FileKind.JPG, 7) == Path("out/..%2F..%2Fetc%2Fx%1B[2J_3196.jpg")
    download = DownloadDestination("out/${serial}_${shotseq}", HOSTILE)
    assert download.path(CardPicture("A/DCIM/100CANON/IMG_0007.JPG", "JPG")) == (
        "out/..%2F..%2Fetc%2Fx%1B[2J_0001"
    )


@pytest.mark.parametrize(
    ("directory", "local"),
    [
        ("A/DCIM/100_0704", "100_0704_07_04_IMG_0001.JPG"),
        ("A/DCIM/x\x1b[2J", "x%1B[2J___IMG_0001.JPG"),
        ("A/DCIM/con", "%63on___IMG_0001.JPG"),
    ],
)
def test_a_folder_of_the_card_leads_nowhere(directory: str, local: str) -> None:
    names = DownloadDestination("${subdir}_${dirmonth}_${dirday}_${name}", NamingInfo())
    assert names.path(CardPicture(f"{directory}/IMG_0001.JPG", "JPG")) == local


def test_a_folder_above_the_card_is_refused() -> None:
    names = DownloadDestination("${name}", NamingInfo())
    with pytest.raises(UsageError, match="no path on the card"):
        names.path(CardPicture("A/DCIM/../../IMG_0001.JPG", "JPG"))
