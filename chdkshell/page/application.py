"""The ASGI application: calls, the files of the page, and what a refusal answers."""

from __future__ import annotations

import asyncio
import importlib.resources
import json
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from chdkshell.errors import ChdkShellError, UsageError
from chdkshell.page import (  # noqa: F401 - importing them declares them
    basecalls,
    cameracalls,
    picturecalls,
    workcalls,
)
from chdkshell.page.calls import CALLS, Asked, PageCall
from chdkshell.page.guard import CLIENT_HEADER, Guard, require_token
from chdkshell.page.jsonforms import read, read_texts
from chdkshell.page.listening import REQUEST_SECONDS, PageServer
from chdkshell.page.openapi import document
from chdkshell.page.problems import CallRefusedError, status_of, text_of
from chdkshell.page.room import ControlRoom
from chdkshell.page.shapes import JsonShape, Refusal

MAX_BODY = 256 << 10
"""Bytes of a request that make sense."""

_KINDS = {"css": "text/css", "html": "text/html", "js": "text/javascript", "svg": "image/svg+xml"}


def application(room: ControlRoom, server: PageServer) -> Guard:
    """Return the application that serves a control room at a server."""
    served = [call for call in CALLS if call.in_picture or not room.options.picture_only]
    described = document(served)

    async def openapi(request: Request) -> Response:
        return JSONResponse(described)

    routes = [Route(call.path, _endpoint(room, call), methods=[call.method]) for call in served]
    routes += [
        Route("/openapi.json", openapi, methods=["GET"]),
        Route("/", _page("picture.html" if room.options.picture_only else "index.html")),
        Route("/page/{name}", _static),
    ]
    handlers: Any = {HTTPException: _http_refusal}
    return Guard(Starlette(routes=_merged(routes), exception_handlers=handlers), server)


def _merged(routes: list[Route]) -> list[Route]:
    """Return the routes with one for each path, so that a wrong method is told from no path."""
    by_path: dict[str, dict[str, Any]] = {}
    for route in routes:
        for method in route.methods or ():
            if method != "HEAD":
                by_path.setdefault(route.path, {})[method] = route.endpoint
    return [Route(path, _by_method(found), methods=[*found]) for path, found in by_path.items()]


def _by_method(found: dict[str, Any]) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        method = "GET" if request.method == "HEAD" else request.method
        response: Response = await found[method](request)
        return response

    return endpoint


def _endpoint(room: ControlRoom, call: PageCall) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        try:
            return await _answer(room, call, request)
        except ChdkShellError as error:
            return _refusal(status_of(error), text_of(error), error.detail)
        except ClientDisconnect:
            return Response()

    return endpoint


async def _answer(room: ControlRoom, call: PageCall, request: Request) -> Response:
    peer = request.client.host if request.client else ""
    client = request.headers.get(CLIENT_HEADER) or f"at {peer}"
    asked = Asked(room, client, dict(request.path_params), request)
    if call.changes:
        require_token(request.headers, room.token)
        if room.options.readonly:
            raise CallRefusedError(403, "this program only shows")
    if call.needs_lua and not room.options.allowlua:
        raise CallRefusedError(403, "Lua is not allowed from here", "it was started without that")
    form = await _form(call, request)
    if call.changes and call.path != "/api/controls":
        room.controls.use(client)
    answer = await call.function(asked, form)
    if isinstance(answer, Response):
        return answer
    value = [item.as_json() for item in answer] if isinstance(answer, list) else answer.as_json()
    return JSONResponse(value)


async def _form(call: PageCall, request: Request) -> JsonShape:
    """Return what a request asks for, from its query or its body. Raises `UsageError`."""
    form: JsonShape
    if call.method == "GET":
        form = read_texts(call.form, request.query_params)
        return form
    if request.query_params:
        raise UsageError("what is asked for belongs into the body, as JSON")
    try:
        body = await asyncio.wait_for(_body(request), REQUEST_SECONDS)
    except TimeoutError:
        raise UsageError("the request did not come in time") from None
    kind = request.headers.get("content-type", "application/json").partition(";")[0].strip()
    if body and kind != "application/json":
        raise UsageError("the request is not of the type application/json")
    try:
        value = json.loads(body or b"{}", parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise UsageError("the request is no JSON") from None
    form = read(call.form, value)
    return form


async def _body(request: Request) -> bytes:
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > MAX_BODY:
            raise UsageError("the request is too long")
    return bytes(body)


def _no_constant(text: str) -> float:
    raise ValueError(text)


def _refusal(status: int, error: str, detail: str = "") -> JSONResponse:
    return JSONResponse(Refusal(error, detail).as_json(), status)


async def _http_refusal(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    response = _refusal(error.status_code, error.detail.lower())
    response.headers.update(error.headers or {})
    return response


# ---- the files of the page ----------------------------------------------------------------------


def _page(name: str) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        return _file(name)

    return endpoint


async def _static(request: Request) -> Response:
    return _file(request.path_params["name"])


def _file(name: str) -> Response:
    """Return a file of the page; its names are those of one folder."""
    folder = importlib.resources.files("chdkshell.page") / "static"
    kind = _KINDS.get(name.rpartition(".")[2])
    if kind is None or name not in {entry.name for entry in folder.iterdir()}:
        return _refusal(404, "not found")
    return Response((folder / name).read_bytes(), media_type=kind)
