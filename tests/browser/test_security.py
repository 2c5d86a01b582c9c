"""A running server and a real browser: others are kept out, and what strangers wrote makes no element."""

from __future__ import annotations

import http.client
import re
from collections.abc import Callable
from urllib.parse import quote, urlsplit

import numpy as np
import pytest
from playwright.sync_api import Page
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from cnnviz import runs
from cnnviz.training import TrainConfig
from harness.pages import settle
from harness.server import Server

OpenPage = Callable[..., Page]

HOSTILE = '<img src=x onerror="window.pwned=1">'
LINK = "[x](javascript:window.pwned=1)"
TRICK = f"{HOSTILE}{LINK} ![y](http://127.0.0.1:9/y) www.evil.example a@evil.example **fat** `code`"
MADE = """() => {
  const inside = (one) => (one.shadowRoot ? all(one.shadowRoot) : []);
  const all = (root) => [...root.querySelectorAll("*")].flatMap((one) => [one, ...inside(one)]);
  const isForeign = (one) => {
    const to = one.getAttribute("href") ?? one.getAttribute("src"), url = to && new URL(to, location);
    return url && url.host !== location.host && !["data:", "blob:"].includes(url.protocol);
  };
  const isFat = (one) => one.matches("b, strong, code") && /^(fat|code)$/.test(one.textContent);
  const isMade = (one) => one.matches("img[src=x], [onerror]") || isForeign(one) || isFat(one);
  const made = all(document.body).filter(isMade).map((one) => one.outerHTML.slice(0, 200));
  return [...made, ...(window.pwned ? ["executed"] : [])];
}"""


def ask(server: Server, method: str, path: str, body: bytes = b"", **headers: str) -> tuple[int, dict[str, str], bytes]:
    """A request whose path goes out as it is: status, headers (lower case), body."""
    connection = http.client.HTTPConnection(urlsplit(server.url).netloc, timeout=20)
    connection.putrequest(method, path, skip_accept_encoding=True)
    for name, value in headers.items():
        connection.putheader(name.replace("_", "-"), value)
    connection.endheaders(body)
    answer = connection.getresponse()
    found = answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
    connection.close()
    return found


# --- the server


@pytest.mark.parametrize(
    "path",
    [
        "/../../../../etc/passwd",
        "/static/../../../../etc/passwd",
        "/%2e%2e/%2e%2e/%2e%2e/etc/passwd",
        "/component/cnnviz.stage/../../../../etc/passwd",
        "/_stcore/bidi-components/cnnviz.stage/../../../../etc/passwd",
        "/_stcore/bidi-components/cnnviz.stage/..%2f..%2f..%2f..%2fetc%2fpasswd",
        "/app/static/../.streamlit/config.toml",
        "/app/static/%2fetc%2fpasswd",
        "/media/../../../etc/passwd",
        "/.streamlit/config.toml",
        "/cnnviz/runs/directory.py",
        "//etc/passwd",
    ],
)
def test_no_file_of_the_machine_is_served(server: Server, path: str) -> None:
    status, headers, body = ask(server, "GET", path)
    is_the_app = status == 200 and b"<title>Streamlit</title>" in body
    assert status in (400, 403, 404) or is_the_app, (status, headers)
    assert b"root:" not in body and b"[server]" not in body and b"def find" not in body


def form(size: int) -> tuple[bytes, dict[str, str]]:
    """A file of so many bytes as a browser sends it."""
    head = b'--edge\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\n\r\n'
    body = head + bytes(size) + b"\r\n--edge--\r\n"
    return body, {"Content_Type": "multipart/form-data; boundary=edge", "Content_Length": str(len(body))}


def with_token(server: Server) -> dict[str, str]:
    """The cookie that every page gets, and the header that our own pages alone can make of it."""
    _, headers, _ = ask(server, "GET", "/_stcore/health")
    token = re.search(r"_streamlit_xsrf=([^;]+)", headers["set-cookie"])[1]
    assert "samesite=lax" in headers["set-cookie"].lower()
    return {"Cookie": f"_streamlit_xsrf={token}", "X_Xsrftoken": token}


def test_a_forged_upload_is_refused(server: Server) -> None:
    body, headers = form(10)
    assert ask(server, "PUT", "/_stcore/upload_file/nobody/file", body, **headers)[0] == 403
    cookie = {"Cookie": with_token(server)["Cookie"]}
    assert ask(server, "PUT", "/_stcore/upload_file/nobody/file", body, **headers, **cookie)[0] == 403


def test_an_upload_belongs_to_a_session_and_is_bounded(server: Server) -> None:
    body, headers = form(10)
    ours = with_token(server)
    assert ask(server, "PUT", "/_stcore/upload_file/nobody/file", body, **headers, **ours)[0] == 400
    headers["Content_Length"] = str(51 << 20)  # told, and refused before it is sent
    assert ask(server, "PUT", "/_stcore/upload_file/nobody/file", b"", **headers, **ours)[0] in (400, 413)


def test_another_site_opens_no_websocket_and_reads_nothing(server: Server) -> None:
    address = server.url.replace("http", "ws") + "/_stcore/stream"
    with pytest.raises(InvalidStatus) as refused, connect(address, origin="https://evil.example", open_timeout=10):
        pass
    assert refused.value.response.status_code == 403
    with connect(address, origin=server.url, subprotocols=["streamlit"], open_timeout=10) as ours:
        assert ours.subprotocol == "streamlit"
    for path in ("/_stcore/health", "/_stcore/host-config", "/"):
        _, headers, _ = ask(server, "GET", path, Origin="https://evil.example")
        assert "access-control-allow-origin" not in headers


# --- the browser


def hostile_runs(server: Server) -> tuple[str, str]:
    """A run that failed, whose config and reason are tricks, and one on a data set whose classes are."""
    folder = server.folder / "data"
    folder.mkdir(exist_ok=True)
    images, labels = np.random.default_rng(0).integers(0, 256, (40, 28, 28), dtype=np.uint8), np.arange(40) % 10
    classes = np.array(
        [HOSTILE, LINK, "![y](http://127.0.0.1:9/y)", "www.evil.example", "a@evil.example", "**fat**", *"abcd"]
    )
    np.savez(folder / "tricks.npz", x_train=images, y_train=labels, x_test=images, y_test=labels, classes=classes)
    failed = runs.create(TrainConfig(dataset=TRICK, subset=100, device="cpu"))
    failed.begin()
    failed.append({"event": "failed", "reason": TRICK})
    trained = runs.create(TrainConfig(dataset="tricks", subset=40, epochs=1, steps=1, device="cpu"))
    list(runs.execute(trained))
    return failed.id, trained.id


@pytest.fixture(scope="module")
def hostile(server: Server) -> tuple[str, str]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CNNVIZ_DATA", str(server.folder / "data"))
        patch.setenv("CNNVIZ_RUNS", str(server.folder / "runs"))
        return hostile_runs(server)


PLACES = [
    "/train?run={failed}",
    "/train?run={trained}&beside={failed}",
    "/inside?network={trained}",
    "/inside?network={trained}&view=why",
    "/evaluate?network={trained}&true=0&named=1",
    "/draw?network={trained}",
    "/shapes?network=own_text&text={trick}",
    "/convolution?x={trick}&op={trick}&stride_h={trick}",
    "/filters?picture={trick}&w={trick}",
    "/train?run={trick}&dataset={trick}&network={trick}",
    "/evaluate?network={trick}",
]


@pytest.mark.long(sample=4)
@pytest.mark.long(sample=2)
@pytest.mark.parametrize("place", PLACES)
def test_what_strangers_wrote_makes_no_element(place: str, hostile: tuple[str, str], open_page: OpenPage) -> None:
    failed, trained = hostile
    page = open_page(place.format(failed=failed, trained=trained, trick=quote(TRICK)))
    for name in ("This run as files", "Your runs"):
        for fold in page.locator("summary", has_text=name).all():
            fold.click()
    settle(page, quiet=0.3)
    assert page.evaluate(MADE) == []


def test_what_nobody_had_escaped_would_be_found_and_does_not_run(open_page: OpenPage) -> None:
    page = open_page("/", allowed=("Failed to load", "Content Security Policy"))
    page.evaluate("addEventListener('securitypolicyviolation', (one) => { window.kept = one.effectiveDirective; })")
    page.evaluate("text => document.body.insertAdjacentHTML('beforeend', text)", HOSTILE)
    page.wait_for_function("() => window.kept")
    assert page.evaluate("window.kept") == "script-src-attr" and not page.evaluate("window.pwned")
    assert len(page.evaluate(MADE)) == 1
