"""Who may ask: what stands before every call of the page.

On the loopback interface there is no password. Elsewhere every path begins with a token that is in
the URL. A page of another origin can neither read nor change anything: the Host header has to be
an address or this machine's name (a name that an attacker lets point here is neither), answers are
marked as this origin's alone, and what changes something needs a token that only this origin reads.
"""

from __future__ import annotations

import hmac
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from chdkshell.page.listening import PageServer
from chdkshell.page.problems import CallRefusedError

TOKEN_HEADER = "X-Chdkshell-Token"
"""The header with the token that calls which change something need."""

CLIENT_HEADER = "X-Chdkshell-Client"
"""The header by which clients are told apart: a text that each makes up for itself."""

_HEADERS = {
    "Cache-Control": "no-store",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Content-Security-Policy": (
        "default-src 'none'; img-src 'self' blob: data:; connect-src 'self'; script-src 'self';"
        " style-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
    ),
}


class Guard:
    """Lets through what names this server and has its prefix, which it takes off the path."""

    def __init__(self, application: ASGIApp, server: PageServer) -> None:
        self._application = application
        self._server = server

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request, or refuse it."""
        if scope["type"] != "http":
            return
        headers = Headers(scope=scope)
        if not self._server.is_own_name(headers.get("host", "")):
            await _refusal(421, "this server goes by its address")(scope, receive, send)
            return
        path, prefix = scope["path"], self._server.prefix
        if not hmac.compare_digest(path[: len(prefix)].encode(), prefix.encode()):
            await _refusal(404, "there is nothing here")(scope, receive, send)
            return
        inner = dict(scope, path="/" + path[len(prefix) :], raw_path=None, root_path="")

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                kept = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    kept.setdefault(name, value)
            await send(message)

        await self._application(inner, receive, send_guarded)


def require_token(headers: Headers, token: str) -> None:
    """Raise `CallRefusedError` unless a request that changes something comes from this origin."""
    origin, site = headers.get("origin"), headers.get("sec-fetch-site", "same-origin")
    own = origin is None or urlsplit(origin).netloc == headers.get("host")
    given = headers.get(TOKEN_HEADER, "")
    if (
        not own
        or site not in ("same-origin", "none")
        or not hmac.compare_digest(given.encode(), token.encode())
    ):
        raise CallRefusedError(
            403,
            "this needs the token of the page",
            f"api/session tells it, for {TOKEN_HEADER}",
        )


def _refusal(status: int, text: str) -> JSONResponse:
    return JSONResponse({"error": text, "detail": ""}, status, headers=_HEADERS)
