"""Compressed copies, lasting headers, the first picture and what guards a page, before an app that is none."""

import asyncio
import gzip
import json
import re
from base64 import b64encode
from collections import Counter
from hashlib import sha256

import pytest

from app import app
from cnnviz.lessons.convolution.settings import Convolution
from cnnviz.ui.core.sweeper import Leaving
from cnnviz.ui.shell import delivery as delivery_module
from cnnviz.ui.shell import first_picture, preload
from cnnviz.ui.shell.delivery import LASTING, Delivery

SCRIPT = b"export const one = 1;\n" * 500
HTML = b'<html><head><script>\n window.ready = false </script></head><body><div id="root"></div></body></html>'
HASHED = [
    "/static/js/index.DormvYxC.js",
    "/static/js/DataFrame.-f9-1zS0.js",
    "/static/css/index.C1JORDN2.css",
    "/_stcore/bidi-components/cnnviz.files/modules.0123456789ab.js",
    "/_stcore/bidi-components/cnnviz.stage/stage.0123456789ab.css",
    "/below/a/prefix/static/js/index.DormvYxC.js",
]


class Files:
    """Streamlit in small: scripts where there are some, the app's HTML elsewhere, JSON below _stcore."""

    def __init__(self, fails=False):
        self.asked, self.fails = Counter(), fails

    async def __call__(self, scope, receive, send):
        path = scope["path"]
        self.asked[path] += 1
        if self.fails:
            raise OSError("the disk")
        kind, body = b"text/html; charset=utf-8", HTML
        if "gone" not in path and path.endswith((".js", ".css")):
            kind, body = b"text/javascript", SCRIPT
        elif "_stcore" in path:
            kind, body = b"application/json", b"{}"
        headers = [(b"content-type", kind), (b"content-length", str(len(body)).encode()), (b"cache-control", b"public")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        for at in range(0, len(body), 1000):
            await send({"type": "http.response.body", "body": body[at : at + 1000], "more_body": at + 1000 < len(body)})


async def get(delivery, path, client="127.0.0.1", method="GET", **headers):
    """Status, headers and body of an answer, as it is sent."""
    sent = []

    async def send(message):
        sent.append(message)

    asked = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    scope = {"type": "http", "path": path, "method": method, "headers": asked, "client": (client, 1)}
    await delivery(scope, asyncio.Event().wait, send)
    start, *parts = sent
    return start["status"], dict(start["headers"]), b"".join(one["body"] for one in parts)


def ask(*questions, files=None):
    """The answers to (path, headers), one after the other."""

    async def all_of_them():
        delivery = Delivery(files or Files())
        return [await get(delivery, path, **headers) for path, headers in questions]

    return asyncio.run(all_of_them())


PACKED, PAGE = {"accept_encoding": "gzip, br"}, {"accept": "text/html,*/*", "accept_encoding": "gzip"}


@pytest.mark.parametrize("path", HASHED)
def test_a_file_with_a_hash_in_its_name_is_compressed_and_lasts(path):
    [(status, headers, body)] = ask((path, PACKED))
    assert status == 200 and gzip.decompress(body) == SCRIPT and len(body) == int(headers[b"content-length"]) < 200
    assert headers[b"content-encoding"] == b"gzip" and headers[b"vary"] == b"Accept-Encoding"
    assert headers[b"cache-control"] == LASTING and headers[b"content-type"] == b"text/javascript"


@pytest.mark.parametrize("headers", [{}, {"accept_encoding": "br"}, {**PACKED, "range": "bytes=0-9"}])
def test_who_takes_no_gzip_has_the_file_as_it_is(headers):
    [(status, found, body)] = ask((HASHED[0], headers))
    assert status == 200 and body == SCRIPT and found[b"cache-control"] == LASTING and b"content-encoding" not in found


@pytest.mark.parametrize(
    "path",
    ["/static/js/index.js", "/_stcore/bidi-components/else.x/a.0123456789ab.js", "/component/cnnviz.x/a.0123456789.js"],
)
def test_a_file_without_one_and_those_of_others_are_left_alone(path):
    [(_, headers, body)] = ask((path, PACKED))
    assert body == SCRIPT and headers[b"cache-control"] == b"public"


def test_a_font_of_streamlits_goes_out_as_the_part_that_pages_show():
    names = sorted(delivery_module.FONTS)
    questions = [(f"{prefix}/static/media/{name}", {}) for name in names for prefix in ("", "/below")]
    for (status, headers, body), name in zip(ask(*questions), [name for name in names for _ in "ab"], strict=True):
        assert status == 200 and body == delivery_module.FONTS[name] and body.startswith(b"wOF2")
        assert headers[b"content-type"] == b"font/woff2"
        assert headers[b"cache-control"] == b"public, max-age=86400"  # its name says nothing of what is in the part
        assert headers[b"x-content-type-options"] == b"nosniff"
    (other,) = ask((f"/static/media/x{names[0]}", {}))
    assert other[2] == HTML


def test_a_file_is_compressed_once_however_many_ask_at_the_same_time():
    async def a_class():
        files = Files()
        delivery = Delivery(files)
        answers = await asyncio.gather(*(get(delivery, path, **PACKED) for path in HASHED * 30))
        return files.asked, answers

    asked, answers = asyncio.run(a_class())
    assert asked == dict.fromkeys(HASHED, 1) and {gzip.decompress(body) for _, _, body in answers} == {SCRIPT}


def test_names_that_nobody_knows_are_not_kept():
    async def strangers():
        delivery = Delivery(Files())
        answers = [await get(delivery, f"/static/js/gone.{n:08}.js", **PACKED) for n in range(20)]
        return delivery._copies, answers

    copies, answers = asyncio.run(strangers())
    assert copies == {} and {(status, body) for status, _, body in answers} == {(200, HTML)}
    assert all(headers[b"cache-control"] == b"public" for _, headers, _ in answers), "it is no file that lasts"


@pytest.mark.parametrize("path", ["/./static/js/index.DormvYxC.js", "/static//js/x.js/../index.DormvYxC.js"])
def test_other_ways_to_write_a_path_fill_no_memory(path):
    async def strangers():
        delivery = Delivery(Files())
        await asyncio.gather(*(get(delivery, path.replace("/s", "/./" * n + "/s"), **PACKED) for n in range(20)))
        return delivery._copies

    assert asyncio.run(strangers()) == {}


def test_there_is_a_bound_of_copies_and_beyond_it_files_go_out_as_they_are(monkeypatch):
    monkeypatch.setattr(delivery_module, "MOST", 2)
    answers = ask(
        *((f"/static/js/index.{n:08}.js", PACKED) for n in range(3)), ("/static/js/index.00000000.js", PACKED)
    )
    assert [b"content-encoding" in headers for _, headers, _ in answers] == [True, True, False, True]
    assert {headers[b"cache-control"] for _, headers, _ in answers} == {LASTING} and answers[2][2] == SCRIPT


def test_what_fails_is_told_to_all_who_ask_and_asked_again():
    async def later():
        files = Files(fails=True)
        delivery = Delivery(files)
        both = [asyncio.create_task(get(delivery, HASHED[0], **PACKED)) for _ in range(2)]
        told = await asyncio.gather(*both, return_exceptions=True)
        assert [type(one) for one in told] == [OSError, OSError] and files.asked[HASHED[0]] == 1
        files.fails = False
        return await get(delivery, HASHED[0], **PACKED)

    assert asyncio.run(later())[0] == 200


def test_who_leaves_while_it_is_compressed_takes_it_from_nobody():
    async def two():
        delivery = Delivery(Files())
        first = asyncio.create_task(get(delivery, HASHED[0], **PACKED))
        second = asyncio.create_task(get(delivery, HASHED[0], **PACKED))
        await asyncio.sleep(0)
        first.cancel()
        return await second

    assert gzip.decompress(asyncio.run(two())[2]) == SCRIPT


@pytest.mark.parametrize("path", ["/", "/convolution", "/no/such/page"])
def test_a_page_has_the_first_picture_where_the_app_will_stand(path):
    plain, packed = ask((path, {"accept": "text/html"}), (path, PAGE))
    assert plain[2] == gzip.decompress(packed[2]) and packed[1][b"content-encoding"] == b"gzip"
    assert f'<div id="root">{first_picture.html()}</div>'.encode() in plain[2]
    assert plain[1][b"cache-control"] == b"no-cache" and plain[1][b"etag"] == packed[1][b"etag"]


@pytest.mark.parametrize("path", ["/media/digits.npz", "/_stcore/health", "/app/static/a.html"])
def test_a_file_that_a_browser_goes_to_is_handed_on_as_it_comes(path):
    async def gone_to():
        asked = []

        async def file(scope, receive, send):
            asked.append(scope["headers"])
            await send({"type": "http.response.start", "status": 206, "headers": []})
            await send({"type": "http.response.body", "body": b"a", "more_body": True})
            await send({"type": "http.response.body", "body": b"b"})

        return await get(Delivery(file), path, accept="text/html", range="bytes=0-1"), asked

    (status, headers, body), [asked] = asyncio.run(gone_to())
    assert (status, body) == (206, b"ab") and b"content-security-policy" not in headers
    assert (b"range", b"bytes=0-1") in asked


def test_a_browser_that_has_the_page_is_told_so():
    [(_, headers, _)] = ask(("/", PAGE))
    tag = headers[b"etag"].decode()
    *same, other = ask(*(("/", {**PAGE, "if_none_match": one}) for one in (tag, f"W/{tag}", '"other"')))
    for status, found, body in same:
        assert (status, body) == (304, b"") and b"content-length" not in found and found[b"etag"] == headers[b"etag"]
    assert other[0] == 200


def test_the_policy_names_the_scripts_of_the_page_and_no_other():
    [(_, headers, _)] = ask(("/", PAGE))
    policy = dict(one.split(" ", 1) for one in headers[b"content-security-policy"].decode().split("; "))
    scripts = (b"\n window.ready = false ", delivery_module.WHERE.encode())
    digests = [f"'sha256-{b64encode(sha256(script).digest()).decode()}'" for script in scripts]
    assert policy["script-src"] == " ".join(["'self'", *digests])
    assert policy["default-src"] == policy["base-uri"] == "'self'" and policy["object-src"] == "'none'"
    assert "unsafe-eval" not in headers[b"content-security-policy"].decode()


@pytest.mark.parametrize("path", [*HASHED, "/", "/_stcore/health", "/media/x.png"])
def test_everything_is_what_it_says(path):
    for _, headers, _ in ask((path, {}), (path, PAGE), (path, {**PACKED, "method": "HEAD"})):
        assert headers[b"x-content-type-options"] == b"nosniff"


def test_metrics_are_for_whoever_runs_the_server():
    path = "/_stcore/metrics"
    here, there, through_a_proxy = ask(
        (path, {}), (path, {"client": "192.0.2.7"}), (path, {"x_forwarded_for": "192.0.2.7"})
    )
    assert here[0] == 200 and (there[0], through_a_proxy[0]) == (404, 404) and b"{}" not in there[2]


@pytest.mark.parametrize(
    ("page", "origin"),
    [
        ("https://cnn.example.org/convolution?stride=2", "https://cnn.example.org"),
        ("http://127.0.0.1:8501/", "http://127.0.0.1:8501"),
        ("http://[::1]:8501/below/convolution", "http://[::1]:8501"),
    ],
)
def test_a_page_takes_messages_from_itself(page, origin):
    [(status, headers, body)] = ask(("/below/_stcore/host-config", {"referer": page}))
    assert status == 200 and json.loads(body) == {"allowedOrigins": [origin]}
    assert headers[b"content-type"] == b"application/json" and int(headers[b"content-length"]) == len(body)


@pytest.mark.parametrize(
    "page", ["", "https://*/", "https://*.example.org/", "https://a.b@c/", "data:text/html,/", "null"]
)
def test_and_from_nobody_by_a_pattern(page):
    [(_, _, body)] = ask(("/_stcore/host-config", {"referer": page}))
    assert body == b"{}"


def test_sockets_go_through():
    async def opened():
        asked = []

        async def socket(scope, receive, send):
            asked.append(scope)

        await Delivery(socket)({"type": "websocket", "path": "/_stcore/stream"}, None, None)
        return asked

    assert asyncio.run(opened()) == [{"type": "websocket", "path": "/_stcore/stream"}]


def test_the_first_picture_is_the_lessons_and_small():
    drawn = first_picture.html()
    lesson = Convolution()
    numbers = [*lesson.x, *lesson.w, *lesson.compute().output.tolist()]
    assert re.findall(r">([-\d.]+)</text>", drawn) == [f"{float(number):g}" for row in numbers for number in row]
    assert len(drawn.encode()) <= 10_000 and not re.search(r"<script|https?:|url\(|\bon\w+=", drawn)
    assert first_picture.WORDS in drawn and "prefers-color-scheme: dark" in drawn


def test_the_app_stands_behind_it():
    assert [one.cls for one in app._user_middleware] == [Delivery, Leaving]


def test_the_first_picture_waits_for_no_stylesheet_and_scripts_come_before_the_font():
    font, styles = b'<link rel="preload" href="./a.woff2" as="font">', b'<link rel="stylesheet" href="./a.css">'
    body, _, _ = delivery_module._finished(HTML.replace(b"<head>", b"<head>" + font + styles), "<link one>")
    head, _, rest = body.partition(b"</head>")
    assert b"stylesheet" not in head and rest.index(first_picture.html().encode()) < rest.index(styles)
    assert (
        head.index(b"<link one>") < head.index(b'<link fetchpriority="low" rel="preload"')
        and head.count(b'as="font"') == 1
    )


def test_what_the_app_asks_before_it_connects_comes_with_the_first_scripts():
    ((_, _, page),) = ask(("/convolution", {"accept": "text/html"}))
    asked = re.findall(rb'<link rel="preload" as="fetch" crossorigin href="./(\S+)">', page)
    assert asked == [b"_stcore/health", b"_stcore/host-config"]


def test_a_page_names_the_scripts_of_its_elements_and_what_these_import():
    scripts = [re.search(r"static/js/([\w.-]+)", link)[1] for link in preload.links("nowhere", "")]
    assert {name.split(".")[0] for name in scripts} >= {*preload.ELEMENTS, "recordbatch", "useTextField"}
    assert len(scripts) == len(set(scripts)) and not preload.links(
        "nowhere", " ".join(f"./static/js/{one}" for one in scripts)
    )
