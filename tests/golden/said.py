"""What the app says in the states of states.py: for each group of states, by the name of each, its sentences."""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
import shlex
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any
from unittest import mock

from streamlit.testing.v1 import AppTest

from cnnviz import cli, lessons, runs
from cnnviz.lessons import LESSONS
from cnnviz.lessons.common.exercise import Exercise
from cnnviz.networks import notation, own
from cnnviz.runs import Run
from cnnviz.runs.directory import NEVER_BEGUN
from cnnviz.server.scheduler import GAVE_WAY, LEFT
from cnnviz.tracing import trace
from cnnviz.training import TrainConfig
from cnnviz.ui.shell.page import JOINER
from tests.golden import states
from tests.helpers import opened

FILE = Path(__file__).with_name("sentences.json")
Said = dict[str, list[str]]
KINDS = ("error", "warning", "info", "success", "markdown", "caption")
NO_SENTENCE = ("$$", "```", "###")  # formulas, code and titles
LONG = 60  # characters of a link in the file
OTHERS_WORDS = r"(?<= readable \.npz file ).*?(?=;)|(?<= readable \.safetensors file: ).*"
ELSEWHERE = rf"\d+ min \d+ s|(?<=\d\.\d{{3}})\d+|{OTHERS_WORDS}"


def groups() -> dict[str, Callable[[Path], Said]]:
    """Each group of states and what says them, in an empty folder."""
    pages = {f"page {lesson}": lambda folder, lesson=lesson: of_page(lesson, folder) for lesson in states.PAGES}
    asking = [one.slug for one in LESSONS if one.exercises]
    asked = {f"exercises {slug}": lambda folder, slug=slug: of_lesson(slug) for slug in asking}
    refused = {f"refused: {name}": lambda folder, name=name: of_refusals(name, folder) for name in states.REFUSALS}
    others = {"terminal": of_commands, "deploy": of_deploy, "shapes": of_shapes, "texts": of_texts, "words": of_words}
    return {**pages, **asked, **refused, **others}


def stored() -> dict[str, Said]:
    """What the file says."""
    return dict(json.loads(FILE.read_text(encoding="utf-8")))


def write(folder: Path) -> None:
    """Make the file anew; `folder` is an empty one, for what the states write."""
    found = {}
    for number, (name, say) in enumerate(groups().items()):
        (folder / str(number)).mkdir()
        with placed(folder / str(number)):
            found[name] = say(folder / str(number))
    FILE.write_text(json.dumps(found, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


@contextlib.contextmanager
def placed(folder: Path) -> Iterator[None]:
    """Data sets and runs in that folder, and in no terminal of a certain width."""
    own = {"CNNVIZ_DATA": str(folder), "CNNVIZ_RUNS": str(folder / "runs"), "COLUMNS": "80", "CNNVIZ_TRAINING": "off"}
    with mock.patch.dict(os.environ, own):
        yield


# --- pages


def of_page(lesson: str, folder: Path) -> Said:
    """What the page says there and not without a query; without one, all but the lesson's prose."""
    ids = write_runs()
    usual, read = set(texts(opened(lesson))), lessons.find(lesson).prose
    found = {}
    for link in states.PAGES[lesson]:
        lines = texts(opened(lesson, **query(link, ids)))
        new = [line for line in lines if line not in usual or (not link and line.partition(": ")[2] not in read)]
        found[shown(link)] = [unchanging(line, ids, folder) for line in new]
    return found


def query(link: str, ids: dict[str, str]) -> dict[str, str]:
    parts = (part.partition("=") for part in link.split("&") if part)
    return {name: re.sub(r"RUN_\w+", lambda found: ids[found[0]], value) for name, _, value in parts}


def shown(link: str) -> str:
    """A link as it stands in the file."""
    return f"?{link}" if len(link) <= LONG else f"?{link[: LONG - 1]}…{len(link)}"


def texts(at: AppTest, kinds: tuple[str, ...] = KINDS) -> list[str]:
    """'warning: ...' and so on, a line each, without what escapes a character of Markdown."""
    lines = [(kind, line.strip()) for kind in kinds for one in at.main.get(kind) for line in one.value.split("  \n")]
    said = [f"{kind}: {plain(line)}" for kind, line in lines if not line.startswith(NO_SENTENCE)]
    return [*said, *in_boxes(at)]


def in_boxes(at: AppTest) -> list[str]:
    """What the text boxes of a page say is wrong with their texts."""
    given = [json.loads(one.proto.json or "{}") for one in at.get("bidi_component")]
    errors = [one["error"] for one in given if "revision" in one and one.get("error")]
    return [f"box: {error['sentence']}" for error in errors]


def plain(text: str) -> str:
    return re.sub(r"\\(\W|_)", r"\1", text).replace(JOINER, "")


def unchanging(text: str, ids: dict[str, str], folder: Path) -> str:
    """Without what is another one elsewhere: folders, runs, times, the last digits of a sum, others' own words."""
    for name, run_id in ids.items():
        text = text.replace(run_id, name)
    return re.sub(ELSEWHERE, "…", text.replace(str(folder), "FOLDER"))


FIGURES = {"loss": 2.3, "accuracy": 0.1, "images_per_second": 9.0}
STEP = {"event": "step", "step": 1, "epoch": 0.5, "seconds": 1.0, **FIGURES}
TESTED = {"train_loss": 0.1, "train_accuracy": 0.97, "test_loss": 0.1, "test_accuracy": 0.987}
EPOCH = {"event": "epoch", "step": 2, "epoch": 5.0, "seconds": 9.0, **TESTED}
END = {"step": 2, "epoch": 5.0, "seconds": 9.0}
EVENTS: dict[str, list[dict[str, Any]]] = {
    "RUN_waiting": [],
    "RUN_done": [STEP, EPOCH, {"event": "done", **END, "test_accuracy": 0.987}],
    "RUN_stopped": [STEP, {"event": "stopped", **END, "reason": "the time limit of 2 seconds is over"}],
    "RUN_gave_way": [{**NEVER_BEGUN, "reason": GAVE_WAY}],
    "RUN_left": [{**NEVER_BEGUN, "reason": LEFT}],
    "RUN_failed": [STEP, {"event": "failed", "reason": "there is no data set 'nowhere'"}],
    "RUN_running": [STEP],
    "RUN_stopping": [STEP],
    "RUN_lost": [STEP],
    "RUN_foreign": [STEP],
}


def write_runs() -> dict[str, str]:
    """The runs that links of states.py name, each with its id."""
    ids = {}
    for name, events in EVENTS.items():
        run = runs.create(TrainConfig(optimizer="momentum", learning_rate=0.01, batch_size=64, epochs=5, device="cpu"))
        for event in events:
            run.append(event)
        ids[name] = run.id
    runs.find(ids["RUN_stopping"]).request_stop()
    for name in ("RUN_waiting", "RUN_running", "RUN_stopping"):
        date(runs.find(ids[name]), 3600)  # however long the pages take on a busy machine
    date(runs.find(ids["RUN_lost"]), -600)
    (runs.find(ids["RUN_foreign"]).folder / "config.json").write_text('{"lr": 1}')
    return ids


def date(run: Run, seconds: float) -> None:
    """Let it have been heard of last so many seconds from now."""
    for path in run.folder.iterdir():
        os.utime(path, (time.time() + seconds, time.time() + seconds))


# --- exercises


def of_lesson(lesson: str) -> Said:
    """Of each exercise the question with its hints, and what is said of the answer, of mistakes and other guesses."""
    found = {}
    for one in lessons.find(lesson).exercises:
        asked = [one.asks(one.settings), one.rounding(one.settings), *one.hints, one.explains(one.settings)]
        found[f"{one.id}: asked"] = [text for text in asked if text]
        found |= {f"{one.id}: {guess}": [judged(one, guess)] for guess in guesses(lesson, one)}
    if lesson == "shapes":
        found |= {f"mend-linear: {name}": [mended(*exchanged)] for name, exchanged in states.MENDING.items()}
    return found


def guesses(lesson: str, one: Exercise) -> list[str]:
    if one.kind == "mend":
        return ["as it is"]
    answers = [one.answer(one.settings)]
    for mistake in one.mistakes:
        with contextlib.suppress(ValueError):  # a mistake may lead to settings that cannot be
            answers.append(mistake.answer(one.settings))
    return list(dict.fromkeys([*map(one.describe, answers), *states.GUESSES.get((lesson, one.id), ())]))


def judged(one: Exercise, guess: str, **changes: str) -> str:
    try:
        verdict = one.judge(guess, replace(one.settings, **changes))
    except ValueError as error:
        return f"no answer: {error}"
    return f"{'right' if verdict.right else 'wrong'}: {verdict.sentence}"


def mended(old: str, exchanged: str) -> str:
    one = lessons.exercise("shapes", "mend-linear")
    assert old in one.settings.text
    return judged(one, "", text=one.settings.text.replace(old, exchanged))


# --- refusals, the terminal, and the rest


def refused(call: Callable[[], Any]) -> str:
    """'ValueError: ...', as the call refuses."""
    try:
        call()
    except ValueError as error:
        return f"{type(error).__name__}: {error}"
    raise AssertionError("it was not refused")


def of_refusals(group: str, folder: Path) -> Said:
    found = {}
    for number, (name, call) in enumerate(states.REFUSALS[group].items()):
        own = folder / str(number)
        own.mkdir()
        with placed(own):
            found[name] = [unchanging(refused(lambda call=call, own=own: call(own)), {}, own)]
    return found


def of_commands(folder: Path) -> Said:
    words = {command: shlex.split(command) for command in states.COMMANDS}
    return {command: [on_terminal(lambda each=each: cli.main(each))] for command, each in words.items()}


def of_deploy(folder: Path) -> Said:
    deploy = import_module("deploy.__main__").main
    hubs = {name: mock.Mock(create_repo=mock.Mock(side_effect=error)) for name, error in states.HUB_ERRORS.items()}
    named = {repr(space): [on_terminal(lambda space=space: deploy([space], mock.Mock()))] for space in states.SPACES}
    return {name: [on_terminal(lambda hub=hub: deploy(["owner/name"], hub))] for name, hub in hubs.items()} | named


def on_terminal(command: Callable[[], int]) -> str:
    """How the command ends, and its last line on standard error."""
    out = io.StringIO()
    with contextlib.redirect_stderr(out), contextlib.redirect_stdout(io.StringIO()):
        code = command()
    return f"{code}: {unchanging(out.getvalue().splitlines()[-1], {}, Path.cwd())}"


def of_shapes(folder: Path) -> Said:
    return {name: [refused(lambda at=at: trace(*at))] for name, at in states.SHAPES.items()}


def followed(text: str) -> None:
    """A text of one's own on a row of four numbers."""
    network = own.read(text).weightless()
    trace(network, (1, 4))


def of_texts(folder: Path) -> Said:
    rows = {shown(text)[1:]: [refused(lambda text=text: notation.parse(text))] for text in states.TEXTS}
    return rows | {shown(text)[1:]: [refused(lambda text=text: followed(text))] for text in states.CODE}


def of_words(folder: Path) -> Said:
    found = {name: say() for name, say in states.WORDS.items()}
    return {name: [said] if isinstance(said, str) else said for name, said in found.items()}
