"""The OpenAPI document (3.1), made from the calls and the dataclasses that they take and give."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Sequence
from typing import Any, get_args, get_origin, get_type_hints

from chdkshell.page.calls import PageCall, is_file
from chdkshell.page.guard import CLIENT_HEADER, TOKEN_HEADER
from chdkshell.page.jsonforms import schema
from chdkshell.page.problems import MEANINGS
from chdkshell.page.shapes import Nothing, Number, Refusal
from chdkshell.version import __version__

_ABOUT = f"""Cameras that run CHDK, over HTTP. Paths are relative to the address that is told.
A call that changes something needs the header {TOKEN_HEADER}: api/session tells its value. One
client at a time holds the controls: whoever changes something first, or takes them at
api/controls. {CLIENT_HEADER} tells clients apart, a text that each makes up for itself."""


def document(calls: Sequence[PageCall]) -> dict[str, Any]:
    """Return the document of some calls."""
    parts: dict[str, Any] = {}
    refusal = schema(Refusal, parts)
    paths: dict[str, dict[str, Any]] = {}
    for call in calls:
        paths.setdefault(call.path, {})[call.method.lower()] = _operation(call, parts, refusal)
    return {
        "openapi": "3.1.0",
        "info": {"title": "chdkshell", "version": __version__, "description": _ABOUT},
        "servers": [{"url": "./"}],
        "paths": paths,
        "components": {
            "schemas": parts,
            "securitySchemes": {"token": {"type": "apiKey", "in": "header", "name": TOKEN_HEADER}},
        },
    }


def _operation(call: PageCall, parts: dict[str, Any], refusal: dict[str, Any]) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": call.function.__name__,
        "summary": call.summary,
        "description": call.description,
        "parameters": _parameters(call, parts),
        "responses": {
            "200": {"description": "It was done.", "content": _content(call, parts)},
            **{
                str(code): {
                    "description": meaning,
                    "content": {"application/json": {"schema": refusal}},
                }
                for code, meaning in MEANINGS.items()
            },
        },
    }
    if call.changes:
        operation["security"] = [{"token": []}]
    if call.method != "GET" and call.form is not Nothing:
        body = {"application/json": {"schema": schema(call.form, parts)}}
        operation["requestBody"] = {"required": _is_needed(call.form), "content": body}
    return operation


def _is_needed(form: Any) -> bool:
    missing = dataclasses.MISSING
    fields = dataclasses.fields(form)
    return any(f.default is missing and f.default_factory is missing for f in fields)


def _parameters(call: PageCall, parts: dict[str, Any]) -> list[dict[str, Any]]:
    found = []
    for name in re.findall(r"{(\w+)}", call.path):
        form = schema(Number, parts) if name == "camera" else {"type": "string", "minLength": 1}
        found.append({"name": name, "in": "path", "required": True, "schema": form})
    if call.method == "GET":
        hints = get_type_hints(call.form, include_extras=True)
        for field in dataclasses.fields(call.form):
            found.append(
                {
                    "name": field.name,
                    "in": "query",
                    "required": field.default is dataclasses.MISSING,
                    "schema": schema(hints[field.name], parts),
                }
            )
    return found


def _content(call: PageCall, parts: dict[str, Any]) -> dict[str, Any]:
    if is_file(call.answer):
        return {kind: {} for kind in call.content.split()}
    if get_origin(call.answer) is list:
        item = schema(get_args(call.answer)[0], parts)
        return {"application/json": {"schema": {"type": "array", "items": item}}}
    return {"application/json": {"schema": schema(call.answer, parts)}}
