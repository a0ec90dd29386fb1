"""PTP's codes by name, and transactions of any kind: what newer versions of chdkptp's core have."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from chdkshell.hostlua.arguments import data, instance, word
from chdkshell.hostlua.buffers import Lbuf
from chdkshell.hostlua.connections import LuaConnection
from chdkshell.hostlua.faults import Fault, response_codes
from chdkshell.hostlua.services import Host
from chdkshell.ptp.codes import CANON_VENDOR_ID
from chdkshell.ptp.names import CodeKind, Vocabulary, names_of
from chdkshell.streams import BytesSink, BytesSource

if TYPE_CHECKING:
    from chdkshell.ptp.session import Session

MOST_PARAMS = 5
MAX_DATA = 1 << 31

_TABLES = {
    CodeKind.OPERATION: "OC",
    CodeKind.EVENT: "EC",
    CodeKind.FORMAT: "OFC",
    CodeKind.PROPERTY: "DPC",
    CodeKind.RESPONSE: "RC",
    CodeKind.OBJECT_PROPERTY: "OPC",
}

_GROUPS: dict[str, tuple[Vocabulary, ...]] = {
    "STD": (Vocabulary.STANDARD,),
    "MTP": (Vocabulary.MTP,),
    "CANON": (Vocabulary.EOS, Vocabulary.CANON),
}
"""The vocabularies of each group; of two names the last one counts."""

_OF_GROUPS: dict[str, dict[str, object]] = {
    "STD": {},
    "MTP": {"ext_vendor_id": 6},
    "CANON": {"usb_vendor_id": CANON_VENDOR_ID, "ext_vendor_id": 11, "vendor_str": "Canon Inc."},
}


def get_ptp_code_groups() -> dict[str, object]:
    """chdk.get_ptp_code_groups: the groups of codes, and whose they are."""
    return {name: {"id": name, **whose} for name, whose in _OF_GROUPS.items()}


def get_ptp_codes(group: object = None) -> dict[str, dict[str, int]]:
    """chdk.get_ptp_codes: the codes of a group by kind and name."""
    name = "STD" if group is None else data(group, 1).decode("latin-1")
    if name not in _GROUPS:
        raise Fault("bad_arg", "unknown code groups", critical=True)
    tables: dict[str, dict[str, int]] = {
        table: {} for kind, table in _TABLES.items() if kind is not CodeKind.OBJECT_PROPERTY
    }
    for vocabulary in _GROUPS[name]:
        for (kind, code), word_ in names_of(vocabulary).items():
            spelled = re.sub(r"\W", "_", word_.removeprefix("EOS"))
            tables.setdefault(_TABLES[kind], {})[spelled] = code
    if name == "STD":
        codes = response_codes()
        tables["RC"] = {key.removeprefix("RC_"): code for key, code in codes.items()}
    return tables


class PtpTransactions:
    """Transactions that the Lua program puts together itself."""

    def __init__(self, host: Host) -> None:
        self._host = host

    def _session(self, con: object) -> Session:
        return instance(con, LuaConnection, 1).camera.session

    def nodata(self, con: object, code: object, *params: object) -> tuple[object, ...]:
        """con:ptp_txn_nodata: returns the response's parameters."""
        answer = self._session(con).transaction(
            word(code, 2) & 0xFFFF, *_params(params, 3), cancel=self._host.cancel
        )
        return tuple(answer)

    def senddata(
        self, con: object, code: object, content: object = None, *params: object
    ) -> tuple[object, ...]:
        """con:ptp_txn_senddata: sends a string or an lbuf."""
        if not isinstance(content, Lbuf | str | bytes):
            raise Fault("bad_arg", "expected data string or lbuf", critical=True)
        sent = bytes(content.content) if isinstance(content, Lbuf) else data(content, 3)
        answer = self._session(con).transaction(
            word(code, 2) & 0xFFFF,
            *_params(params, 4),
            source=BytesSource(sent),
            cancel=self._host.cancel,
        )
        return tuple(answer)

    def getdata(self, con: object, code: object, *params: object) -> tuple[object, ...]:
        """con:ptp_txn_getdata_str: returns the data, and the response's parameters."""
        content, answer = self._receive(con, code, params)
        return (content, *answer)

    def getdata_lbuf(self, con: object, code: object, *params: object) -> tuple[object, ...]:
        """con:ptp_txn_getdata_lbuf: the same, with the data as an lbuf."""
        content, answer = self._receive(con, code, params)
        return (Lbuf(content), *answer)

    def _receive(
        self, con: object, code: object, params: tuple[object, ...]
    ) -> tuple[bytes, tuple[int, ...]]:
        sink = BytesSink(MAX_DATA)
        answer = self._session(con).transaction(
            word(code, 2) & 0xFFFF, *_params(params, 3), sink=sink, cancel=self._host.cancel
        )
        return sink.data or b"", answer

    def upload_str(self, con: object, target: object, content: object) -> None:
        """con:upload_str: makes a file on the card of a string."""
        protocol = instance(con, LuaConnection, 1).protocol
        protocol.upload_file(
            data(target, 2), BytesSource(data(content, 3)), cancel=self._host.cancel
        )

    def download_str(self, con: object, source: object) -> bytes:
        """con:download_str: returns what is in a file of the card."""
        sink = BytesSink(MAX_DATA)
        protocol = instance(con, LuaConnection, 1).protocol
        protocol.download_file(data(source, 2), sink, cancel=self._host.cancel)
        return sink.data or b""

    def functions(self) -> dict[str, Callable[..., object]]:
        """Return what the library chdk_connection has of them."""
        return {
            "ptp_txn_nodata": self.nodata,
            "ptp_txn_senddata": self.senddata,
            "ptp_txn_getdata_str": self.getdata,
            "ptp_txn_getdata_lbuf": self.getdata_lbuf,
            "upload_str": self.upload_str,
            "download_str": self.download_str,
        }


def _params(values: tuple[object, ...], first: int) -> list[int]:
    given = values[: values.index(None)] if None in values else values
    return [word(value, index) for index, value in enumerate(given[:MOST_PARAMS], first)]
