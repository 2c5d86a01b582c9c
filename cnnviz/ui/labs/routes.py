"""The labs as the app serves them: routes for `st.App(routes=...)`, under /labs."""

import gzip
import re
from base64 import b64encode
from collections.abc import Mapping
from functools import cache
from hashlib import sha256

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

APP = ".."  # from a lab's address to the app's
_SCRIPTS = re.compile(r'<script type="(?:importmap|module)">(.*?)</script>', re.DOTALL)
_POLICY = (  # a lab asks nobody for anything: its modules stand in the addresses of its import map
    "default-src 'none'; script-src {scripts}; style-src 'unsafe-inline'; img-src data: blob:; "
    "base-uri 'none'; form-action 'none'"
)


def _index(request: Request) -> Response:
    """/labs: the list of labs, at the address from which its links lead to them."""
    return RedirectResponse(f"{request.url.path}/")


def _lab(request: Request) -> Response:
    """A page of the site; compressed for whoever takes that."""
    name = request.path_params.get("name") or "index.html"
    if name not in (served := _served()):
        return Response("There is no such lab.", 404, media_type="text/plain")
    body, packed, headers = served[name]
    if request.headers.get("if-none-match", "").removeprefix("W/") == headers["etag"]:
        return Response(status_code=304, headers=headers)
    if "gzip" in request.headers.get("accept-encoding", ""):
        return Response(packed, headers={**headers, "content-encoding": "gzip"}, media_type="text/html")
    return Response(body, headers=headers, media_type="text/html")


@cache
def _served() -> Mapping[str, tuple[bytes, bytes, dict[str, str]]]:
    """By name: the HTML, the same compressed, and its headers. Made when a lab is first asked for."""
    from cnnviz.ui import labs

    return {name: _with_headers(html) for name, html in labs.pages(APP).items()}


def _with_headers(html: str) -> tuple[bytes, bytes, dict[str, str]]:
    body = html.encode()
    scripts = [sha256(text.encode()).digest() for text in _SCRIPTS.findall(html)]
    hashes = " ".join(f"'sha256-{b64encode(digest).decode()}'" for digest in scripts)
    allowed = f"{hashes} data:" if scripts else "'none'"
    headers = {
        "cache-control": "no-cache",
        "etag": f'"{sha256(body).hexdigest()[:16]}"',
        "vary": "Accept-Encoding",
        "content-security-policy": _POLICY.format(scripts=allowed),
        "x-content-type-options": "nosniff",
    }
    return body, gzip.compress(body, 9, mtime=0), headers


ROUTES = [Route("/labs", _index), Route("/labs/", _lab), Route("/labs/{name}", _lab)]
