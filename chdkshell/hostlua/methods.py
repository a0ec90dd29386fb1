"""The names of a connection's methods: what completion offers after `con:`. Nothing is run."""

from __future__ import annotations

import functools
import re
from pathlib import Path

from chdkshell.hostlua.calls import CameraCalls
from chdkshell.hostlua.ptpcalls import PtpCalls
from chdkshell.hostlua.ptpnames import PtpTransactions

OWN_LUA = Path(__file__).parent / "lua"
"""Where the Lua of this project is: core.lua and streams.lua, and what stands in for chdkptp's."""

MAIN = "main"
"""The file that sets up all others, in chdkptp's folder and in ours."""

_METHOD = re.compile(rb"\b(?:con_)?methods[:.]([A-Za-z]\w*)")
"""A method in chdku.lua or liveview.lua, in ours as in chdkptp's own."""

_MADE = frozenset(("stat", "utime", "mkdir", "remove", "rename", "connect", "disconnect"))
"""Methods that neither a name in these files nor the C layer's tables tell, here and there."""


@functools.cache
def connection_methods(folder: str | None) -> tuple[str, ...]:
    """Return the names, in order. `folder` has the user's own Lua files, None stands for ours."""
    found = {"is_connected", *_MADE}
    for kind in (CameraCalls, PtpCalls, PtpTransactions):
        found |= kind.functions(kind.__new__(kind)).keys()  # type: ignore[arg-type]
    for path in Path(folder or OWN_LUA).glob("*.lua"):
        found |= {name.decode() for name in _METHOD.findall(path.read_bytes())}
    return tuple(sorted(found))
