"""Values of Lua and bytes in JSON: nothing is lost, and nothing could be two things."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from support.shell_process import run

from chdkshell.chdk.luasession import Described
from chdkshell.lua.values import LuaUnsupported
from chdkshell.shell.results.jsonvalues import TAGS, bytes_json, lua_json

CODE = {
    "{1,2,{a={}}}": [1, 2, {"a": []}],
    '{["1"]=2,[1]=3}': {"table": [[1, 3], ["1", 2]]},
    "{[true]=1}": {"table": [[True, 1]]},
    "{[3]=1}": {"table": [[3, 1]]},
    '{["3"]=1}': {"3": 1},
    '{a=1,["b c"]=false}': {"a": 1, "b c": False},
    '"a\\200"': {"base64": base64.b64encode(b"a\xc8").decode()},
    '{x="\\255"}': {"x": {"base64": "/w=="}},
    '{["\\255"]=1}': {"table": [[{"base64": "/w=="}, 1]]},
    '{base64="/w=="}': {"table": [["base64", "/w=="]]},
    "{table=1,base64=2}": {"table": 1, "base64": 2},
    '"text \\195\\164"': "text ä",
}


def test_through_the_program(tmp_path: Path) -> None:
    lines = [word for code in CODE for word in ("-e", f"luar return {code}")]
    done = run("-r", "--sim", "--json", *lines, cwd=tmp_path)
    values = [json.loads(line)["result"][0]["value"] for line in done.stdout.splitlines()]
    assert values == list(CODE.values())


def untagged(value: Any) -> Any:
    """Read a value as a program would."""
    if isinstance(value, list):
        return [untagged(item) for item in value]
    if not isinstance(value, dict):
        return value
    if len(value) == 1 and next(iter(value)) in TAGS:
        ((tag, content),) = value.items()
        if tag == "table":
            return {untagged(key): untagged(item) for key, item in content}
        return base64.b64decode(content) if tag == "base64" else (tag, content)
    return {key: untagged(item) for key, item in value.items()}


@pytest.mark.parametrize(
    "value",
    [
        {"table": []},
        {"base64": "x"},
        {1: 2, "1": 3},
        {False: 1},
        {"a": {"number": 1}},
        {"number": "inf"},
        [],
        {"unsupported": "function"},
        b"\xff\xfe",
    ],
)
def test_tags_cannot_be_mistaken(value: Any) -> None:
    assert untagged(json.loads(json.dumps(lua_json(value)))) == value


def test_what_has_no_form_is_named() -> None:
    assert lua_json([LuaUnsupported("function"), Described("a table")]) == [
        {"unsupported": "function"},
        {"unsupported": "a table"},
    ]
    assert lua_json(float("inf")) == {"number": "inf"}


def test_bytes_of_files(tmp_path: Path) -> None:
    (tmp_path / "card").mkdir()
    (tmp_path / "card" / "B").write_bytes(b"\x00\xff")
    (tmp_path / "card" / "T").write_bytes("ä\n".encode())
    words = ("-r", "--json", "--device", f"sim:card={tmp_path}/card")
    done = run(*words, "-e", "cat B T", "-e", "cat T", cwd=tmp_path)
    both, one = (json.loads(line)["result"] for line in done.stdout.splitlines())
    assert both == [
        {"path": "A/B", "size": 2, "data": bytes_json(b"\x00\xff")},
        {"path": "A/T", "size": 3, "data": "ä\n"},
    ]
    assert one == both[1:]
