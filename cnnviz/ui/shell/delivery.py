"""What a browser is sent before any page runs: ASGI middleware for `st.App(middleware=...)`.

Streamlit serves its 2.3 MB of scripts as they are, lets browsers fetch the files of components anew at every load, and
shows nothing until all of them have run. Here scripts and stylesheets go out as copies that are compressed once and
kept by browsers under the hash in their names; fonts go out with those letters and icons alone that pages show; the
HTML has a first picture in the place where the app will stand; and every answer says that it is what it says
(`nosniff`), every page what may run in it (Content-Security-Policy).
"""

import asyncio
import gzip
import json
import re
from base64 import b64encode
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from cnnviz.ui.shell import first_picture, preload

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

Headers = list[tuple[bytes, bytes]]

LASTING = b"public, max-age=31536000, immutable"  # a year, as Streamlit says of its own
# scripts and stylesheets in whose name a hash of what they hold stands
HASHED = re.compile(
    r"/static/(js|css)/[^/]+\.[\w-]{8,}\.(js|css)$"
    r"|/_stcore/bidi-components/cnnviz\.[^/]+/[^/]+\.[0-9a-f]{8,}\.(js|css)$"
)
FONTS = {path.name: path.read_bytes() for path in Path(__file__).with_name("fonts").glob("*.woff2")}  # make fonts
A_DAY = b"public, max-age=86400"  # for a font: the hash in its name is that of the whole one, and the part may change
MEDIA = "/static/media/"  # Streamlit's, under whose names they go out
ROOT = b'<div id="root"></div>'  # where Streamlit puts the app
ODD = re.compile(r"//|/\.{1,2}/|\\")  # other ways to write a path: of one file there are as many as somebody likes
MOST = 1000  # files that copies are kept of; Streamlit and the app have some 250
NO_PAGES = re.compile(r"/(media|component|_stcore|app/static|labs|sets)/")  # files, which go out as they come
CONFIG = "/_stcore/host-config"  # from whom the page takes messages such as: begin another connection
METRICS = "/_stcore/metrics"  # how much a server has to do is for whoever runs it
LOCAL = {"127.0.0.1", "::1"}
FORWARDED = {b"forwarded", b"x-forwarded-for", b"x-real-ip"}  # a proxy on this machine hands on what comes from afar
FONT = re.compile(rb"<link\s+rel=\"preload\"[^>]*as=\"font\"[^>]*>")
STYLES = re.compile(rb"<link\s+rel=\"stylesheet\"[^>]*>")
WHERE = 'window.__streamlit={BACKEND_BASE_URL:new URL(".",location.href).href}'
# what the app asks the server before it connects: by then there are many who wait for one of a browser's six lines
ASKED = "".join(
    f'<link rel="preload" as="fetch" crossorigin href="./_stcore/{name}">' for name in ("health", "host-config")
)
ORIGIN = re.compile(r"https?://([\w.-]+|\[[0-9a-fA-F:]+\])(:\d+)?(?=/)")  # of a page, and no pattern
INLINE = re.compile(rb"<script>(.*?)</script>", re.DOTALL)
POLICY = {
    "default-src": "'self'",
    "script-src": "'self' {scripts}",  # those of the HTML by their hashes, and nothing else that is no file of ours
    "style-src": "'self' 'unsafe-inline'",  # Streamlit's styles are made in the browser
    "img-src": "'self' data: blob:",
    "font-src": "'self' data:",
    "connect-src": "'self' ws: wss: data: blob:",  # older browsers do not take 'self' for a page's own socket
    "worker-src": "'self' blob:",
    "media-src": "'self' data: blob:",
    "object-src": "'none'",
    "base-uri": "'self'",
    "form-action": "'self'",
}


@dataclass(frozen=True)
class _Answer:
    """A whole answer, to be sent as often as it is asked for."""

    status: int
    headers: Headers
    body: bytes

    async def send(self, send: "Send") -> None:
        headers = [*self.headers, (b"content-length", str(len(self.body)).encode())]
        await send({"type": "http.response.start", "status": self.status, "headers": headers})
        await send({"type": "http.response.body", "body": self.body})


class Delivery:
    """Stands before Streamlit's own routes."""

    def __init__(self, app: "ASGIApp"):
        self._app = app
        self._copies: dict[str, asyncio.Task[_Answer | None]] = {}  # by path

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        path = scope["path"]
        if path.endswith(METRICS) and not _is_from_here(scope):
            return await _Answer(404, [(b"content-type", b"text/plain")], b"Not Found").send(send)
        is_hashed = HASHED.search(path) is not None and not ODD.search(path)
        send = _guarded(send, lasts=is_hashed)
        if scope["method"] == "GET" and is_hashed and _takes_gzip(scope):
            if copy := await self._copy(scope):
                return await copy.send(send)
        elif scope["method"] == "GET" and (font := FONTS.get(path.rpartition(MEDIA)[2])):
            return await _Answer(200, [(b"content-type", b"font/woff2"), (b"cache-control", A_DAY)], font).send(send)
        elif scope["method"] == "GET" and path.endswith(CONFIG):
            return await self._config(scope, send)
        elif scope["method"] == "GET" and b"text/html" in _header(scope, b"accept") and not NO_PAGES.search(path):
            return await self._page(scope, send)
        return await self._app(scope, receive, send)

    async def _copy(self, scope: "Scope") -> _Answer | None:
        """The compressed copy of a file, which all who ask for it share; None where there is no such file, or no room
        for another copy."""
        path = scope["path"]
        making = self._copies.get(path)
        if making is None:
            if len(self._copies) >= MOST:
                return None
            making = self._copies[path] = asyncio.create_task(self._compress(scope))
            making.add_done_callback(lambda made: self._forget_if_none(path, made))
        return await asyncio.shield(making)

    def _forget_if_none(self, path: str, made: "asyncio.Task[_Answer | None]") -> None:
        """What failed, or was no file, is asked for anew the next time."""
        if made.cancelled() or made.exception() or made.result() is None:
            del self._copies[path]

    async def _compress(self, scope: "Scope") -> _Answer | None:
        plain = await self._ask(scope)
        kind = dict(plain.headers).get(b"content-type", b"")
        if plain.status != 200 or b"html" in kind:  # Streamlit answers with the app where it finds no file
            return None
        body = await asyncio.to_thread(gzip.compress, plain.body, 9, mtime=0)
        return _Answer(
            200, [(b"content-type", kind), (b"content-encoding", b"gzip"), (b"vary", b"Accept-Encoding")], body
        )

    async def _page(self, scope: "Scope", send: "Send") -> None:
        """The HTML of a page with the first picture in it; what has another kind goes out as it is."""
        plain = await self._ask(scope)
        if plain.status != 200 or not dict(plain.headers).get(b"content-type", b"").startswith(b"text/html"):
            return await plain.send(send)
        links = preload.links(scope["path"].rpartition("/")[2], plain.body.decode())
        body, packed, headers = _finished(plain.body, "".join(links))
        if _header(scope, b"if-none-match").removeprefix(b"W/") == dict(headers)[b"etag"]:  # a proxy may weaken it
            await send({"type": "http.response.start", "status": 304, "headers": headers})
            return await send({"type": "http.response.body", "body": b""})
        if _takes_gzip(scope):
            return await _Answer(200, [*headers, (b"content-encoding", b"gzip")], packed).send(send)
        return await _Answer(200, headers, body).send(send)

    async def _config(self, scope: "Scope", send: "Send") -> None:
        """From whom the page takes messages: from itself, too, since it knows sooner than Streamlit when its connection
        is of no more use (ui/core/connection.js). The origin is that of the page that asks."""
        plain = await self._ask(scope)
        own = ORIGIN.match(_header(scope, b"referer").decode("latin-1"))
        if plain.status != 200 or not own:
            return await plain.send(send)
        config = json.loads(plain.body)
        config["allowedOrigins"] = [*config.get("allowedOrigins", []), own[0]]
        return await _Answer(200, plain.headers, json.dumps(config).encode()).send(send)

    async def _ask(self, scope: "Scope") -> _Answer:
        """The whole answer to that request, uncompressed."""
        asked = {**scope, "headers": list(_without(scope["headers"], _CONDITIONS))}
        start: Message = {}
        parts: list[bytes] = []

        async def collect(message: "Message") -> None:
            if message["type"] == "http.response.start":
                start.update(message)
            else:
                parts.append(message.get("body", b""))

        await self._app(asked, _nothing_more, collect)
        return _Answer(start["status"], list(_without(start["headers"], {b"content-length"})), b"".join(parts))


async def _nothing_more() -> "Message":
    """Nobody sends more of a request, or hangs up."""
    never: asyncio.Future[Message] = asyncio.get_running_loop().create_future()
    return await never


_CONDITIONS = {b"accept-encoding", b"if-none-match", b"if-modified-since", b"range", b"if-range"}


@lru_cache(maxsize=64)
def _finished(html: bytes, links: str) -> tuple[bytes, bytes, Headers]:
    """Streamlit's HTML for a browser far away, the same compressed, and its headers.

    The first picture waits for nothing, so that the stylesheet, which a browser waits for, stands behind it; scripts
    come before the font; the app is told where the server is, which it would find out by asking twice, and what it asks
    before it connects comes with the first scripts.
    """
    font, styles = (b"".join(found.findall(html)) for found in (FONT, STYLES))
    body = STYLES.sub(b"", FONT.sub(b"", html))
    head = f"<script>{WHERE}</script>{ASKED}{links}".encode() + font.replace(b"<link", b'<link fetchpriority="low"')
    body = body.replace(b"</head>", head + b"</head>")
    body = body.replace(ROOT, ROOT.replace(b"></", b">" + first_picture.html().encode() + b"</") + styles)
    scripts = " ".join(f"'sha256-{b64encode(sha256(text).digest()).decode()}'" for text in INLINE.findall(body))
    policy = "; ".join(f"{name} {value.format(scripts=scripts)}" for name, value in POLICY.items())
    headers = {
        "content-type": "text/html; charset=utf-8",
        "cache-control": "no-cache",
        "etag": f'"{sha256(body + policy.encode()).hexdigest()[:16]}"',
        "vary": "Accept-Encoding",
        "content-security-policy": policy,
    }
    packed = gzip.compress(body, 9, mtime=0)
    return body, packed, [(name.encode(), value.encode()) for name, value in headers.items()]


def _guarded(send: "Send", lasts: bool) -> "Send":
    """Adds to whatever is answered that browsers take it for what it says it is, and how long a file `lasts` whose name
    holds a hash."""

    async def guarded(message: "Message") -> None:
        if message["type"] == "http.response.start":
            headers = [
                *_without(message["headers"], {b"x-content-type-options"}),
                (b"x-content-type-options", b"nosniff"),
            ]
            if lasts and message["status"] == 200 and b"html" not in dict(headers).get(b"content-type", b""):
                headers = [*_without(headers, {b"cache-control"}), (b"cache-control", LASTING)]
            message = {**message, "headers": headers}
        await send(message)

    return guarded


def _is_from_here(scope: "Scope") -> bool:
    """Whether somebody on this very machine asks."""
    address, _port = scope.get("client") or ("", 0)
    return address in LOCAL and not FORWARDED & {name.lower() for name, _ in scope["headers"]}


def _takes_gzip(scope: "Scope") -> bool:
    return b"gzip" in _header(scope, b"accept-encoding") and not _header(scope, b"range")


def _header(scope: "Scope", name: bytes) -> bytes:
    """The value of a header, b"" where it was not sent."""
    return next((value for key, value in scope["headers"] if key.lower() == name), b"")


def _without(headers: Iterable[tuple[bytes, bytes]], names: set[bytes]) -> Headers:
    return [(name, value) for name, value in headers if name.lower() not in names]
