"""Calls of the camera's Lua with extreme arguments, the same ones each time."""

from __future__ import annotations

import random
from collections.abc import Sequence

_FUNCTIONS = """
    string.byte string.char string.dump string.find string.format string.gmatch string.gsub
    string.len string.lower string.match string.rep string.reverse string.sub string.upper
    table.concat table.foreach table.foreachi table.getn table.insert table.maxn table.remove
    table.setn table.sort math.abs math.max math.min math.pow math.random math.randomseed
    assert collectgarbage error getfenv getmetatable ipairs load loadstring newproxy next pairs
    pcall rawequal rawget rawset select setfenv setmetatable tonumber tostring type unpack xpcall
    print require dofile loadfile gcinfo
    debug.getfenv debug.gethook debug.getinfo debug.getlocal debug.getmetatable debug.getupvalue
    debug.setfenv debug.sethook debug.setlocal debug.setmetatable debug.setupvalue debug.traceback
    imath.muldiv imath.mul imath.div imath.sinr imath.tand imath.acosd imath.recd imath.polr
    imath.pow imath.log2 imath.ceil imath.round fmath.new fmath.tostr fmath.sin fmath.rec
    fmath.round os.date os.time os.difftime os.listdir os.idir os.stat os.utime os.mkdir os.remove
    os.rename io.open io.lines io.input io.output io.read io.write io.close io.type
    file.read file.write file.seek file.lines file.close file.flush
    bitand bitor bitxor bitnot bitshl bitshri bitshru
    write_usb_msg usb_msg_table_to_string
"""

_NUMBERS = [
    "0", "1", "-1", "2", "17", "255", "65536", "2147483647", "(-2147483647-1)", "-2147483647",
    "1000000", "8000", "-8001",
]  # fmt: skip
_TEXTS = [
    "''", "'x'", "'-1'", "'2147483648'", "'-99999999999'", "'0x80000000'", "'1e9'", "'\\0'", "'%'",
    "'['", "'(a*(.)%w(%s*))'", "'%b()'", "'%f[%w]'", "'.-.-.-.-b'", "'a*a*a*a*b'", "'^(.-)%s*$'",
    "('a'):rep(3000)", "('x'):rep(100000)", "('a?'):rep(5000)", "('('):rep(40)", "('%w*'):rep(30)",
    "('{'):rep(1000)", "'\\27Lua'", "'return 1'", "'A/F'", "'A/'", "'*a'", "'*n'", "'%99.99f'",
    "'%d%s%c'", "'set'", "'nSlufL'", "'k'", "'__gc'", "'count'", "'step'", "'setpause'",
]  # fmt: skip
_VALUES = [
    "nil", "true", "{}", "{1,2,3}", "{year=2147483647,month=-2147483647,day=0}", "{[1000000]=1}",
    "setmetatable({},{__index=function(t,k) return k end})", "function() end", "print",
    "function() return 'x ' end", "error", "newproxy(true)", "fmath.new(1)", "io.stdout",
    "io.open('A/F','w+')", "_G",
]  # fmt: skip


_TABLES = ["{}", "{1,2,3}", "{[1000000]=1}", "{'a','b',{}}", "{n=5}", "{3,2,1,0,9,8}"]

_FITTING = {
    "string.": (_TEXTS, _NUMBERS, _NUMBERS, _NUMBERS),
    "string.find": (_TEXTS, _TEXTS, _NUMBERS, _VALUES),
    "string.match": (_TEXTS, _TEXTS, _NUMBERS, _NUMBERS),
    "string.gmatch": (_TEXTS, _TEXTS, _NUMBERS, _NUMBERS),
    "string.gsub": (_TEXTS, _TEXTS, _TEXTS, _NUMBERS),
    "string.format": (_TEXTS, _NUMBERS, _TEXTS, _NUMBERS),
    "table.": (_TABLES, _NUMBERS, _NUMBERS, _NUMBERS),
    "table.concat": (_TABLES, _TEXTS, _NUMBERS, _NUMBERS),
    "unpack": (_TABLES, _NUMBERS, _NUMBERS, _NUMBERS),
    "io.": (_TEXTS, _TEXTS, _NUMBERS, _NUMBERS),
    "os.": (_TEXTS, _NUMBERS, _NUMBERS, _NUMBERS),
    "file.read": (_NUMBERS, _TEXTS, _NUMBERS, _NUMBERS),
}
"""What the arguments of a function are to be, by its name, or the library's."""


def _fitting(name: str, count: int) -> list[Sequence[str]] | None:
    library = name.partition(".")[0] + "."
    kinds = _FITTING.get(name) or _FITTING.get(library)
    return list(kinds[:count]) if kinds else None


def extreme_calls(count: int, seed: int) -> list[str]:
    """Return `count` calls as Lua expressions."""
    chosen = random.Random(seed)
    kinds: Sequence[Sequence[str]] = (_NUMBERS, _NUMBERS, _TEXTS, _TEXTS, _VALUES)
    calls = []
    names = _FUNCTIONS.split()
    for number in range(count):
        name = names[number % len(names)]
        size = chosen.choice((0, 1, 2, 2, 3, 3, 4))
        wanted = _fitting(name, size) if chosen.random() < 0.7 else None
        wanted = wanted or [chosen.choice(kinds) for _ in range(size)]
        arguments = [chosen.choice(kind) for kind in wanted]
        if name.startswith("file."):
            calls.append(f"io.open('A/F','w+'):{name[5:]}({','.join(arguments)})")
        else:
            calls.append(f"{name}({','.join(arguments)})")
    return calls
