"""Names of codes: whose they are, and what people may write."""

from __future__ import annotations

import re

import pytest

from chdkshell.errors import UsageError
from chdkshell.ptp.datasets import DeviceInfo
from chdkshell.ptp.names import CodeKind, CodeNames, Vocabulary, names_of


def camera(manufacturer: str, extension: int = 0) -> DeviceInfo:
    return DeviceInfo(manufacturer, "X", "1", "", vendor_extension_id=extension)


CANON = CodeNames.of(camera("Canon Inc.", 6))


@pytest.mark.parametrize(
    ("kind", "code", "name"),
    [
        (CodeKind.OPERATION, 0x1014, "GetDevicePropDesc"),
        (CodeKind.OPERATION, 0x9008, "InitiateReleaseControl"),
        (CodeKind.OPERATION, 0x9116, "EOSGetEvent"),
        (CodeKind.OPERATION, 0x9801, "GetObjectPropsSupported"),
        (CodeKind.OPERATION, 0x9033, "GetMacAddress"),
        (CodeKind.RESPONSE, 0x2019, "DeviceBusy"),
        (CodeKind.EVENT, 0x400D, "CaptureComplete"),
        (CodeKind.FORMAT, 0x3801, "EXIF/JPEG"),
        (CodeKind.FORMAT, 0xB103, "CR2"),
        (CodeKind.PROPERTY, 0x5001, "BatteryLevel"),
        (CodeKind.PROPERTY, 0xD402, "DeviceFriendlyName"),
        (CodeKind.PROPERTY, 0xD034, "UnixTime"),
        (CodeKind.OBJECT_PROPERTY, 0xDC07, "ObjectFileName"),
        (CodeKind.OPERATION, 0x9075 + 0x500, "0x9575"),
    ],
)
def test_names_at_a_canon(kind: CodeKind, code: int, name: str) -> None:
    assert CANON.name(kind, code) == name
    assert CANON.code(kind, name.upper().replace("0X", "0x")) == code


def test_the_same_number_at_others() -> None:
    assert CodeNames.of(camera("Fuji", 6)).find(CodeKind.OPERATION, 0x9101) == (
        "GetSecureTimeChallenge"
    )
    assert CANON.find(CodeKind.OPERATION, 0x9101) == "EOSGetStorageIDs"
    assert CodeNames.of(camera("Nikon", 10)).find(CodeKind.OPERATION, 0x90C0) is None
    assert CodeNames.of(camera("?"), 0x04A9).find(CodeKind.OPERATION, 0x9013) == "CheckEvent"


@pytest.mark.parametrize("vocabulary", Vocabulary)
def test_every_name_is_a_word_and_leads_back_to_its_code(vocabulary: Vocabulary) -> None:
    names = CodeNames(vocabulary)
    for (kind, code), name in names_of(vocabulary).items():
        assert re.fullmatch(r"[A-Za-z0-9]+(/[A-Z]+)?", name), name
        assert names.name(kind, names.code(kind, name)) == names.name(kind, code)


@pytest.mark.parametrize("word", ["", "getobjekt", "0xZZ", "65536", "-1", "0x10000"])
def test_words_that_are_no_code(word: str) -> None:
    with pytest.raises(UsageError):
        CANON.code(CodeKind.OPERATION, word)


def test_a_misspelt_name_leads_to_the_nearest() -> None:
    with pytest.raises(UsageError) as wrong:
        CANON.code(CodeKind.OPERATION, "getobjekt")
    assert "GetObject" in wrong.value.detail
