"""Everybody at one server: mutated links, messages and files, and ordinary own texts in every view, one session each.

After each no page shows an error screen (the framework's or ours), the server's log has no traceback, its process has
taken no more than a few seconds and megabytes, and the next message of the same session is answered rightly. When all
have left, its memory is what it was.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from random import Random
from urllib.parse import urlencode

import pytest
import torch
from streamlit.proto.WidgetStates_pb2 import WidgetStates
from websockets.exceptions import ConnectionClosed
from websockets.frames import CloseCode

from bench.session import Session, session
from bench.strangers import scribbles
from bench.uploads import bring
from bench.usage import Usage, forget_peak
from cnnviz import lessons, runs
from cnnviz.data import datasets
from cnnviz.inference import checkpoints
from cnnviz.lessons.inside.settings import VIEWS
from cnnviz.networks import OWN_TEXT, notation
from cnnviz.training import TrainConfig
from harness.drawings import as_sent
from harness.server import Server, serve
from tests import hostile
from tests.data.datasets.mutants import mutant
from tests.helpers import write_few
from tests.own_texts import REFUSED, TEXTS
from tests.sampling import Tries
from tests.test_hostile_links import mutated

pytestmark = pytest.mark.slow

LINKS, MESSAGES, FILES, SAMPLE = 3000, 3000, 1000, 3  # of each kind, and how many of them in `make test`
MAX_SECONDS, MAX_MEGABYTES = 2.0, 200.0  # of the server, for one visit, message or file
MAX_LEFT = 1.1  # times the memory that it had
GONE = 70  # seconds after which sessions that have left are forgotten: a minute, and a look
PAGES = ["", *(lesson.slug for lesson in lessons.LESSONS)]
PATIENCE = 200  # seconds until a helper has an answer
NOBODY = "http://127.0.0.1:9"  # where no proxy listens: a page that asks for a download is refused at once
SHOWN = {"inside": "inside_maps", "evaluate": "evaluate_stage", "draw": "draw_readings"}  # what a page is for

Act = Callable[[Session], Awaitable[object]]


@pytest.fixture
def server(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """The server, whose folders this process writes into, too; what is begun there ends soon."""
    folder = tmp_path_factory.mktemp("everybody")
    settings = {"CNNVIZ_RUNS": folder / "runs", "CNNVIZ_DATA": folder / "data", "CNNVIZ_MAX_SECONDS": 1}
    settings["CNNVIZ_HELPERS"] = 1  # another one loads torch, too, and nobody waits for it here
    settings |= {"http_proxy": NOBODY, "https_proxy": NOBODY, "no_proxy": "127.0.0.1"}
    for name, value in settings.items():
        monkeypatch.setenv(name, str(value))
    write_few(folder / "data")
    with serve(folder=folder) as running:
        yield running


@dataclass
class Everybody:
    """Who comes to the server, one after the other, and what went wrong, each with what was sent."""

    server: Server
    wrong: list[str] = field(default_factory=list)
    came: int = 0
    _read: int = 0  # bytes of the log

    async def come(self, what: str, *acts: Act, sent: object = "") -> None:
        """A session that does all this, and then what anybody does."""
        self.came += 1
        try:
            problems = await self._come(acts)
        except Exception as error:
            problems = [f"{type(error).__name__}: {error}"]
        what = f"{what} {sent}"[:3000]
        self.wrong += [f"{what}\n    {problem[:2000]}" for problem in [*problems, *self._tracebacks()]]

    async def _come(self, acts: Sequence[Act]) -> list[str]:
        """What goes wrong. A message of more than 2 MB ends its connection, and the browser comes back."""
        process = self.server.process.pid
        forget_peak(process)
        before = Usage.of(process)
        async with session(self.server.url) as one:
            try:
                for act in acts:
                    await act(one)
            except ConnectionClosed as error:
                if error.rcvd is None or error.rcvd.code != CloseCode.MESSAGE_TOO_BIG:
                    raise
                async with session(self.server.url, one.session_id) as again:
                    return await self._judge(again, before)
            return await self._judge(one, before)

    async def _judge(self, one: Session, before: Usage) -> list[str]:
        """What has gone wrong, what it took, and whether the next message is answered rightly."""
        problems = [*one.problems, *_above(before, Usage.of(self.server.process.pid))]
        one.problems.clear()
        await _edit_a_cell(one, self.came)
        return [*problems, *(f"the next message: {problem}" for problem in one.problems)]

    def _tracebacks(self) -> list[str]:
        """What the log has of them since it was last looked at."""
        with self.server.log.open("rb") as log:
            log.seek(self._read)
            written = log.read()
        self._read += len(written)
        text = written.decode(errors="replace")
        return [f"the log: {text[-2000:]}"] if "Traceback" in text else []


def _above(before: Usage, after: Usage) -> Iterator[str]:
    """What was more than one may take."""
    if (seconds := after.own_seconds - before.own_seconds) > MAX_SECONDS:
        yield f"{seconds:.1f} s of the server's processor"
    if (megabytes := after.highest - before.resident) > MAX_MEGABYTES:
        yield f"{megabytes:.0f} MB of the server's memory"


async def _edit_a_cell(one: Session, number: int) -> None:
    """A link to a convolution of 3 x 3 with 2 x 2, and a number typed into its corner: 1 x that number + 1 x 5."""
    value = number % 90 + 0.5
    await one.visit("convolution", "x=3x3_1_2_3_4_5_6_7_8_9&w=2x2_1_0_0_1")
    cell = {"kind": "cell", "plane": "x0", "row": 0, "col": 0, "text": str(value)}
    cell["seq"] = one.shown("convolution_stage")["ack"] + 1
    await one.send("convolution_stage", json_value=json.dumps({"edits": [cell]}))
    outputs = one.shown("convolution_stage")["planes"]["y0"]["values"]
    assert outputs == [value + 5, 8, 12, 14], f"the output is {outputs} for {value}"


# --- who comes


async def _links(everybody: Everybody, tries: Tries) -> None:
    for pick in tries(LINKS, SAMPLE):
        page, query = mutated(pick)
        query = {name: value for name, value in query.items() if name != "page"}
        address = "" if page == "home" else page, urlencode(query)
        await everybody.come(f"link {tries.last}: /{'?'.join(address)}", _visit(*address), Session.run)


async def _messages(everybody: Everybody, tries: Tries) -> None:
    for pick in tries(MESSAGES, SAMPLE):
        page, sent = pick.choice(PAGES), WidgetStates()
        await everybody.come(
            f"message {tries.last} to /{page}", _visit(page), _send(pick, sent), Session.run, sent=sent
        )


async def _files(everybody: Everybody, tries: Tries) -> None:
    for pick in tries(FILES, SAMPLE):
        name, content = mutant(pick)
        await everybody.come(f"file {tries.last}: {name!r}, {len(content):,} bytes", _bring(everybody, name, content))


async def _texts(everybody: Everybody, names: Sequence[str], views: Sequence[str]) -> None:
    for name in names:
        run_id = _run(TEXTS.get(name) or REFUSED[name])
        looks = [("inside", {"view": view.replace(" ", "_"), "image": "7"}) for view in views]
        looks += [("inside", {"task": "sum"}), ("evaluate", {}), ("evaluate", {"task": "recall"}), ("draw", {})]
        for page, query in looks:
            address = urlencode({"network": run_id, **query})
            acts = [_visit(page, address), *([_draw] if page == "draw" else []), _see(page, "task" in query)]
            await everybody.come(f"own text {name!r}: /{page}?{address}", *acts)


def _visit(page: str, query: str = "") -> Act:
    """Open a page, and wait until it has what it computes; one that asks again and again has it at once."""

    async def visit(one: Session) -> None:
        await one.visit(page, query)
        if page in ("inside", "evaluate", "draw", "shapes"):
            await one.settle(PATIENCE)

    return visit


def _send(pick: Random, sent: WidgetStates) -> Act:
    """Send what no control offers, which then stands in `sent`."""

    async def send(one: Session) -> None:
        events = [f"$$STREAMLIT_INTERNAL_KEY_{widget}__events" for widget in one.data]
        sent.CopyFrom(hostile.states(pick, [*one.widgets, *events]))
        await one.run_with(sent.widgets)

    return send


def _bring(everybody: Everybody, name: str, content: bytes) -> Act:
    """Bring a file to Data, which says what it is, or why it is none."""

    async def bring_it(one: Session) -> None:
        await one.visit("data", "view=bring")
        await bring(one, everybody.server.url, "data_upload_0", name, content)
        await one.settle(PATIENCE)
        assert one.alerts or any(key.endswith("data_keep") for key in one.widgets), "nothing was said to it"

    return bring_it


async def _draw(one: Session) -> None:
    """A scribble on the pad."""
    (ink,) = scribbles(1)
    drawing = {"id": "1", "picture": as_sent(ink), "stamp": "", "alone": False}
    await one.send("draw_pad", json_value=json.dumps({"drawing": drawing}))
    await one.settle(PATIENCE)


def _see(page: str, asked: bool) -> Act:
    """The page shows what it is for, or asks, or says why not."""

    async def see(one: Session) -> None:
        assert asked or one.alerts or any(widget.endswith(SHOWN[page]) for widget in one.widgets), "nothing is shown"

    return see


def _run(text: str) -> str:
    """The name of a run of that network on a few digits, as it is before its first step."""
    few = datasets.load("few")
    run = runs.create(TrainConfig(network=OWN_TEXT, text=text, dataset="few", device="cpu"))
    torch.manual_seed(0)
    card = checkpoints.card_for(OWN_TEXT, few, accuracy=None, epochs=0, seed=0, command="", text=text)
    checkpoints.save(run.weights, notation.parse(text).build(), card)
    return run.id


# --- the test


def _pages(tries: Tries) -> set[str]:
    """Where those go who are tried."""
    links = {mutated(pick)[0].removeprefix("home") for pick in tries(LINKS, SAMPLE)}
    return {"train", *links, *(pick.choice(PAGES) for pick in tries(MESSAGES, SAMPLE))}


async def _load(everybody: Everybody, pages: Iterable[str], views: Iterable[str], whole: bool) -> None:
    """What the first to come pays for is no matter of what is sent. Nothing goes wrong with it, however long it
    takes."""
    for page in pages:
        await everybody.come(f"/{page}", _visit(page))
    if "shapes" in pages:
        for network in ("resnet18", "resnet20", "vgg16", "googlenet", "resnet152"):
            await everybody.come(network, _visit("shapes", f"network={network}"))
    if "evaluate" in pages:  # it keeps the test images, as long as there is room for data sets
        await everybody.come("an exercise", _visit("evaluate", "task=precision"))
    if whole:
        await everybody.come("a field that is effective", _visit("receptive", "network=lenet5"))
        for lesson in lessons.LESSONS:
            for exercise in lesson.exercises:
                await everybody.come("an exercise", _visit(lesson.slug, f"task={exercise.id}"))
    for view in views:
        await everybody.come(view, _visit("inside", f"view={view.replace(' ', '_')}"))
    await everybody.come("a drawing", _visit("draw"), _draw)
    await everybody.come("a file", _bring(everybody, "x.zip", b""), _bring(everybody, "x.npz", b""))
    everybody.wrong = [one for one in everybody.wrong if "of the server's" not in one]


async def _all_come(server: Server, tries: Tries, whole: bool) -> list[str]:
    """What went wrong."""
    everybody = Everybody(server)
    views = VIEWS if whole else VIEWS[:1]
    await _load(everybody, PAGES if whole else sorted(_pages(tries)), views, whole)
    await asyncio.sleep(GONE if whole else 0)
    before = Usage.of(server.process.pid)
    names = [*TEXTS, *REFUSED]
    await _texts(everybody, names if whole else names[::60], views)
    await _files(everybody, tries)
    await _messages(everybody, tries)
    await _links(everybody, tries)
    await asyncio.sleep(GONE if whole else 0)
    after = Usage.of(server.process.pid)
    if whole and after.own > MAX_LEFT * before.own:
        everybody.wrong.append(f"the server's own memory was {before.own:.0f} MB, and is {after.own:.0f} MB")
    return everybody.wrong


def test_whoever_comes_the_others_notice_nothing(server: Server, tries: Tries, pytestconfig: pytest.Config) -> None:
    wrong = asyncio.run(_all_come(server, tries, pytestconfig.getoption("long")))
    assert wrong == [], "\n".join([f"{len(wrong)} things went wrong:", *wrong[:60]])
    assert server.process.poll() is None
