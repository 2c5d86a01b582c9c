"""Sessions over real WebSockets, as `bench.load` opens them: they keep apart, and nonsense hurts its sender alone."""

import asyncio
import json
import time
import urllib.request
from collections.abc import Iterator
from contextlib import nullcontext

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed
from websockets.extensions.permessage_deflate import PerMessageDeflate

from bench.load import Class, edit, table
from bench.session import session
from harness.server import Server, page_paths, serve
from tests import hostile
from tests.helpers import PATIENCE, whole_stage
from tests.sampling import Tries

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """Without the processes that train and compute for it, which tests/test_everybody.py has."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CNNVIZ_TRAINING", "off")
        patch.setenv("CNNVIZ_HELPERS", "0")
        with serve() as running:
            yield running


def test_every_page_opens_without_a_browser(server: Server) -> None:
    async def visit_all() -> list[str]:
        async with session(server.url) as one:
            for path in page_paths():
                assert 0 < await one.visit(path.strip("/"))
                assert any(widget.endswith("_share") for widget in one.widgets), path
            return one.problems

    assert asyncio.run(visit_all()) == []


def test_what_is_sent_is_compressed_by_all_that_went_before(server: Server) -> None:
    async def window() -> int | None:
        address = server.url.replace("http", "ws", 1) + "/_stcore/stream"
        async with connect(address, origin=server.url, subprotocols=["streamlit"]) as line:
            (deflate,) = line.protocol.extensions
            assert isinstance(deflate, PerMessageDeflate) and not deflate.remote_no_context_takeover
            return deflate.remote_max_window_bits

    assert asyncio.run(window()) == 15  # 2**15 bytes


def test_sessions_edit_at_once_and_keep_apart(server: Server) -> None:
    async def work(number: int, notes: Class) -> float:
        async with session(server.url) as one:
            await one.visit("convolution")
            for at in range(3):
                await edit(one, at, notes)
            cell = {"seq": 4, "kind": "cell", "plane": "x0", "row": 0, "col": 0, "text": str(100 + number)}
            await one.send("convolution_stage", json_value=json.dumps({"edits": [cell]}))
            return one.shown("convolution_stage")["planes"]["x0"]["values"][0]

    async def at_once() -> list[float]:
        return list(await asyncio.gather(*(work(number, notes) for number in range(4))))

    notes = Class()
    assert asyncio.run(at_once()) == [100, 101, 102, 103]
    assert notes.problems == [] and len(notes.times["edit a cell"]) == 12
    assert "| edit a cell | 12 " in table(notes)


@pytest.mark.parametrize("pause", [0.0, 0.002, 0.005, 0.01])
def test_what_was_sent_just_before_a_link_was_followed_counts(pause: float, server: Server) -> None:
    """For another page Streamlit ends the script of the one before, wherever it is, and forgets what that was to look
    at. Without a pause both messages are there before the server looks at either."""

    async def follow(number: int) -> float:
        async with session(server.url) as one:
            await one.visit("convolution")
            cell = {"seq": 1, "kind": "cell", "plane": "x0", "row": 0, "col": 0, "text": str(number)}
            with nullcontext() if pause else server.held():
                await one.post("convolution_stage", json_value=json.dumps({"edits": [cell]}))
                await asyncio.sleep(pause)
                one.leave_for("pooling")
                await one.post()
            while not any(widget.endswith("pooling_stage") for widget in one.widgets):
                await asyncio.wait_for(one.answered(), PATIENCE)
            assert one.problems == []
            await one.visit("convolution", one.menu["convolution"])
            return one.shown("convolution_stage")["planes"]["x0"]["values"][0]

    async def talk() -> list[float]:
        return [await follow(number) for number in range(50, 56)]

    assert asyncio.run(talk()) == list(range(50, 56))
    assert "Traceback" not in server.log.read_text(encoding="utf-8")


def test_a_fragment_waits_until_the_browser_has_taken_in_that_its_page_has_run(server: Server) -> None:
    """At once after it, the browser takes away all that the page has drawn."""

    async def gap() -> float:
        async with session(server.url) as one:
            await one.visit("convolution")
            cell = {"seq": 1, "kind": "cell", "plane": "x0", "row": 0, "col": 0, "text": "7"}
            with server.held():
                await one.post()
                await one.post("convolution_stage", json_value=json.dumps({"edits": [cell]}))
            await asyncio.wait_for(one.answered(), PATIENCE)
            page_has_run = time.monotonic()
            await asyncio.wait_for(one.answered(), PATIENCE)
            assert one.shown("convolution_stage")["planes"]["x0"]["values"][0] == 7 and one.problems == []
            return time.monotonic() - page_has_run

    assert asyncio.run(gap()) > 0.1


def test_nonsense_hurts_its_sender_alone(server: Server) -> None:
    async def talk() -> None:
        address = server.url.replace("http", "ws", 1) + "/_stcore/stream"
        async with session(server.url) as one:
            await one.visit("convolution")
            for number, nonsense in enumerate([b"", b"\xff" * 1000, b"\x0a\x02hi", bytes(range(256)) * 40, "text"]):
                async with connect(address, subprotocols=["streamlit"]) as other:
                    await other.send(nonsense)
                    await asyncio.sleep(0.2)
                    stride = 2 + number % 2
                    await one.send("convolution_stride_h", double_value=float(stride))
                    assert f"stride_h={stride}" in one.query and one.problems == [], nonsense

    asyncio.run(talk())
    with urllib.request.urlopen(f"{server.url}/_stcore/health", timeout=PATIENCE) as health:
        assert health.read() == b"ok"


def test_a_message_that_is_too_large_ends_its_connection_and_the_session_is_found_again(server: Server) -> None:
    async def talk() -> None:
        async with session(server.url) as one:
            await one.visit("convolution")
            await one.send("convolution_stride_h", double_value=2.0)
            with pytest.raises(ConnectionClosed):
                await one.send("convolution_stage", json_value=json.dumps({"edits": "x" * 2_100_000}))
        async with session(server.url, one.session_id) as again:
            await again.visit("convolution", "stride_h=2")
            assert again.session_id == one.session_id and again.problems == []
            cell = {"seq": 1, "kind": "cell", "plane": "x0", "row": 0, "col": 0, "text": "7"}
            await again.send("convolution_stage", json_value=json.dumps({"edits": [cell]}))
            assert again.shown("convolution_stage")["planes"]["x0"]["values"][0] == 7

    asyncio.run(talk())


AS_A_MESSAGE = 1_900_000  # bytes: what is larger ends its connection, which is the test above
HONEST = ("home", "convolution", "pooling", "channels")


@pytest.mark.parametrize("page", HONEST)
def test_whatever_is_sent_the_next_honest_message_is_answered(page: str, server: Server, tries: Tries) -> None:
    async def talk() -> None:
        async with session(server.url) as one:
            await one.visit("" if page == "home" else page)
            for number, rng in enumerate(tries(200, sample=5)):
                events = [
                    f"$$STREAMLIT_INTERNAL_KEY_{widget}__events" for widget in one.data if "presenter" not in widget
                ]
                sent = hostile.states(rng, [*one.widgets, *events])
                if sent.ByteSize() > AS_A_MESSAGE:
                    continue
                await one.run_with(sent.widgets)
                assert one.problems == [], sent
                key = f"{page}_stage"
                cell = {"seq": one.shown(key)["ack"] + 1, "kind": "cell", "plane": "x0", "row": 0, "col": 0}
                cell["text"] = f"{number + 0.5}"
                await one.send(key, json_value=json.dumps({"edits": [cell]}))
                plane = whole_stage(one.shown(key))["planes"]["x0"]
                top, left = plane["core"][:2]
                assert plane["values"][top * plane["cols"] + left] == number + 0.5, sent
                one.states.clear()

    asyncio.run(talk())


def test_edits_that_no_stage_would_send_change_nothing(server: Server) -> None:
    edits = ["text", 7, None, [None], [{"seq": "x"}], [{"seq": 1}], [{"seq": 1e400}], [{"seq": 2, "kind": "cell"}]]

    async def send_all() -> list[float]:
        async with session(server.url) as one:
            await one.visit("convolution")
            before = one.shown("convolution_stage")["planes"]["y0"]["values"]
            for wrong in edits:
                await one.send("convolution_stage", json_value=json.dumps({"edits": wrong}))
            assert one.problems == []
            assert one.shown("convolution_stage")["planes"]["y0"]["values"] == before
            return before

    assert len(asyncio.run(send_all())) == 9


WRONG = [
    *(None, 7, "text", [], {"at": {}}, {"cell": "x"}, {"chosen": [1]}, {"unit": {}}, {"image": "x"}, {"turn": 9}),
    *({"drawing": 7}, {"drawing": {"picture": 3}}, {"pin": [1]}, {"pin": {"seq": "x"}}),
    {"pin": {"seq": 1, "layer": 99, "row": 10**9, "col": -1}},
]
PLACES = ["convolution", "draw", "filters", "receptive", "shapes", "evaluate", "inside"]


@pytest.mark.long(sample=4)
@pytest.mark.parametrize("value", WRONG, ids=str)
@pytest.mark.parametrize("page", PLACES)
def test_what_no_component_would_send_is_a_sentence_at_most(page: str, value: object, server: Server) -> None:
    async def send_all() -> list[str]:
        async with session(server.url) as one:
            await one.visit(page)
            components = [widget for widget in one.widgets if widget in one.data or widget.endswith("_stage")]
            assert components
            for widget in components:
                if widget in one.widgets:
                    await one.send(widget, json_value=json.dumps(value))
                one.states.clear()
            return one.problems

    assert asyncio.run(send_all()) == []


@pytest.mark.long(sample=0)  # a minute in which nothing is computed
def test_who_has_left_is_closed_and_nothing_stands_in_the_log() -> None:
    """Half a minute after the end of its connection a session is found again; after a whole one it is another."""

    async def talk(server: Server) -> list[str]:
        async with session(server.url) as one, session(server.url) as other:
            await one.visit("pooling", "kind=max")
            await other.visit("pooling")
        await asyncio.sleep(30)
        async with session(server.url, one.session_id) as again:
            await again.visit("pooling", "kind=max")
        await asyncio.sleep(32)
        async with session(server.url, again.session_id) as third, session(server.url, other.session_id) as fourth:
            await third.visit("pooling")
            await fourth.visit("pooling")
        assert "Traceback" not in server.log.read_text(encoding="utf-8")
        return [pair[0].session_id == pair[1].session_id for pair in ((one, again), (one, third), (other, fourth))]

    with serve() as server:
        assert asyncio.run(talk(server)) == [True, True, False]
