"""Who reads: by the token that a browser sends, otherwise by the connection; and what is whose on the pages."""

import io
import logging
import re
from dataclasses import replace
from functools import cache, partial

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from cnnviz import runs
from cnnviz.data import datasets
from cnnviz.runs import directory
from cnnviz.training import TrainConfig
from cnnviz.ui.core import reader, resources
from cnnviz.ui.lessons.naming import title
from tests import helpers
from tests.ui import idle
from tests.ui.shell.test_presenter import trigger

TOKEN, OTHER = "0123456789abcdef" * 2, "fedcba9876543210" * 2
CONFIG = TrainConfig(subset=200, epochs=1, steps=2, device="cpu")
STEP = {"event": "step", "step": 1, "epoch": 0.5, "loss": 2.3, "accuracy": 0.1, "images_per_second": 9, "seconds": 1.0}
DONE = {"event": "done", "step": 1, "epoch": 1.0, "test_accuracy": 0.5, "seconds": 1.0}
opened = partial(helpers.opened, "train")


@pytest.fixture(autouse=True)
def workers(tmp_path, monkeypatch):
    return idle.in_place(tmp_path, monkeypatch)


def of(token, page="train", **query) -> AppTest:
    """The page in a browser that has that token."""
    at = helpers.opened(page, **query)
    send(at, token, page)
    return at


def send(at, token, page="train"):
    trigger(at, f"{page}_visitor", "token", token)


@cache
def owner_of(token):
    """The session under which the things of that browser are kept."""
    return of(token, "convolution").session_state[reader.BROWSER]


def over(owner="", **changes):
    run = runs.create(replace(CONFIG, **changes), owner=owner)
    run.begin()
    for event in (STEP, DONE):
        run.append(event)
    return run


def running(owner):
    run = runs.create(CONFIG, owner=owner)
    run.begin()
    run.append(STEP)
    return run


def listed(at):
    """The runs in 'Your runs'."""
    at.session_state["train_all"] = True
    at.run()
    assert not at.exception
    return [row for table in at.dataframe for row in table.value["Run"]]


def stops(at):
    return [button for button in at.button if button.key == "train_stop"]


def npz():
    out = io.BytesIO()
    images, labels = np.zeros((12, 28, 28), np.uint8), np.arange(12) % 10
    np.savez(out, x_train=images, y_train=labels, x_test=images, y_test=labels)
    return out.getvalue()


# --- the token


def test_a_browser_is_known_again_and_its_token_is_kept_nowhere(caplog):
    caplog.set_level(logging.DEBUG)
    first, again = of(TOKEN), of(TOKEN)
    names = [at.session_state[reader.BROWSER] for at in (first, again)]
    assert names[0] == names[1] != owner_of(OTHER) and re.fullmatch("[0-9a-f]{32}", names[0])
    connections = [at.session_state[reader.CONNECTION] for at in (first, again)]
    assert connections[0] != connections[1] and re.fullmatch("[0-9a-f]{32}", connections[0])
    for at in (first, again):
        at.button(key="train_start").click().run()
        assert len(at.session_state) > 5 and TOKEN not in f"{at.session_state!r} {at.query_params}"
    assert TOKEN not in caplog.text
    files = [path for run in runs.all() for path in run.folder.iterdir() if path.name != "metrics.jsonl"]
    assert files and not any(TOKEN in path.read_text() for path in files)


NONE = [None, 3, "", "abc", TOKEN.upper(), f"{TOKEN}0", f"{TOKEN}\n", TOKEN[:-1] + "g", [TOKEN], {"token": TOKEN}]


def test_what_is_no_token_is_left_alone():
    at = opened()
    for token in [*NONE, "x" * 9999]:
        send(at, token)
        assert reader.BROWSER not in at.session_state, token
    send(at, TOKEN)
    assert reader.BROWSER in at.session_state


def test_the_first_token_of_a_connection_counts():
    at = of(TOKEN)
    send(at, OTHER)
    assert at.session_state[reader.BROWSER] == owner_of(TOKEN)


def test_what_was_done_before_the_token_came_stays_ones_own(workers):
    at = opened()
    at.button(key="train_start").click().run()
    assert stops(at)
    send(at, TOKEN)
    assert stops(at) and listed(at) == [workers.taken[0][0]]
    at.button(key="train_start").click().run()
    assert [session for _, session in workers.taken] == [
        at.session_state[name] for name in (reader.CONNECTION, reader.BROWSER)
    ]


def test_the_page_runs_again_only_where_something_on_it_has_turned_out_to_be_the_readers():
    mine, theirs = owner_of(TOKEN), owner_of(OTHER)
    for owner, again in ((theirs, False), ("", False), (mine, True)):
        over(owner)
        at = opened()
        with pytest.MonkeyPatch.context() as patch:
            news = []
            told = reader.page_is_outdated
            patch.setattr(reader, "page_is_outdated", lambda told=told, news=news: news.append(told()) or news[-1])
            send(at, TOKEN)
        assert any(news) == again


# --- runs


def test_runs_are_listed_to_who_started_them():
    mine, theirs = over(owner_of(TOKEN)), over(owner_of(OTHER))
    assert listed(of(TOKEN)) == [mine.id] and listed(of(OTHER)) == [theirs.id] and listed(opened()) == []
    by_hand = over()
    assert listed(of(TOKEN)) == [by_hand.id, mine.id] and listed(opened()) == [by_hand.id]


def test_a_link_shows_a_run_to_whoever_has_it():
    theirs, mine = over(owner_of(OTHER)), over(owner_of(TOKEN), learning_rate=0.01)
    at = of(TOKEN, run=theirs.id)
    assert not at.warning and any(f"data-run='{theirs.id}'" in one.proto.body for one in at.get("html"))
    [beside] = at.multiselect
    assert len(beside.options) == 1, "one's own alone stands in the menu"
    at = of(TOKEN, run=mine.id, beside=theirs.id)
    assert at.multiselect[0].value == [theirs.id]
    at = helpers.opened("train", {"train_compare": True}, compared=f"{theirs.id}.{mine.id}")
    [chosen] = [one for one in at.multiselect if one.label == "Runs"]
    assert chosen.value == [theirs.id, mine.id]
    at = helpers.opened("train", {"train_compare": True})
    [chosen] = [one for one in at.multiselect if one.label == "Runs"]
    assert len(chosen.options) == 1, "the one that ships"


def test_only_who_started_a_run_can_stop_it(workers):
    run = running(owner_of(TOKEN))
    assert stops(of(TOKEN, run=run.id)) and not stops(of(OTHER, run=run.id)) and not stops(opened(run=run.id))
    assert not stops(opened(run=running("").id)), "what was started by hand is stopped by hand"


def test_a_foreign_stop_is_refused_in_a_sentence(workers):
    at = opened()
    at.button(key="train_start").click().run()
    run = runs.find(workers.taken[0][0])
    (run.folder / "owner").write_text("0" * 32)  # as if the button had come from elsewhere
    directory._owner.cache_clear()
    at.button(key="train_stop").click().run()
    assert not at.exception and len(at.warning) == 1 and not run.stop_requested()
    assert "somebody else" in at.warning[0].value


def test_the_teacher_of_a_room_can_stop_its_runs(workers):
    teacher, student = owner_of(TOKEN), owner_of(OTHER)
    code, run, elsewhere = resources.classrooms().open(teacher), running(student), running(student)
    resources.classrooms().add(code, "Ada", run.id, student)
    run.keep_on_board()
    assert stops(of(TOKEN, run=run.id)) and not stops(of(TOKEN, run=elsewhere.id)) and not stops(opened(run=run.id))
    at = of(TOKEN, run=run.id)
    at.button(key="train_stop").click().run()
    assert run.stop_requested() and not at.exception


def test_a_run_that_gave_way_says_why():
    run = runs.create(CONFIG)
    run.withdraw("the queue is full")
    assert any("the queue is full" in one.value for one in opened(run=run.id).markdown)


# --- data sets


def test_a_data_set_that_was_brought_stands_in_the_menu_of_its_reader_and_of_its_link():
    name = datasets.keep("mine.npz", npz(), owner_of(TOKEN))

    def menu(at):
        return [one for one in at.selectbox(key="train_dataset").options if one.startswith("Yours")]

    assert menu(of(TOKEN)) == [title(name)] and menu(of(OTHER)) == menu(opened()) == []
    assert menu(opened(dataset=name)) == [title(name)]
