"""What takes long, on a page: given up, or not to be had this time, it can be asked again."""

import pytest
from streamlit.testing.v1 import AppTest

from cnnviz.server.helpers import Answer, Helpers, Job
from cnnviz.ui.core import resources, work
from tests.helpers import PATIENCE


def page() -> None:
    import streamlit as st

    from cnnviz.server.helpers import Job
    from cnnviz.ui.core import work

    try:
        found = work.ask("slot", Job("trace", ("lenet5", "", (1, 1, 32, 32), "", (), ())), st.session_state.words)
        st.session_state.found = None if found is None else len(found.steps)
    except ValueError as error:
        st.session_state.found = str(error)


class Refusing(Helpers):
    """Answers as it is told, then as it should."""

    def __init__(self, **first: object):
        super().__init__(0)
        self.first: dict[str, object] | None = first

    def ask(self, session, job):
        if self.first is None:
            return super().ask(session, job)
        answer = Answer(job, askers=1)
        answer.end(**self.first)
        self.first = None
        return answer


def opened(monkeypatch, words="Following it", **first):
    pool = Refusing(**first)
    monkeypatch.setattr(resources, "helpers", lambda: pool)
    at = AppTest.from_function(page, default_timeout=PATIENCE)
    at.session_state["words"] = words
    return at.run()


def test_what_was_not_to_be_had_is_asked_again_by_a_button(monkeypatch):
    at = opened(monkeypatch, refusal="the server is busy", lasts=False)
    assert at.session_state["found"] is None and "the server is busy" in at.caption[0].value
    at.button(key="work_slot_again").click().run()
    assert at.session_state["found"] > 5 and not at.caption


def test_without_words_it_is_asked_again_when_the_page_runs_next(monkeypatch):
    at = opened(monkeypatch, "", refusal="the server is busy", lasts=False)
    assert at.session_state["found"] is None and not at.caption and not at.button
    at.run()
    assert at.session_state["found"] > 5


def test_a_refusal_that_lasts_is_the_pages_to_tell(monkeypatch):
    at = opened(monkeypatch, refusal="it takes too much")
    assert at.session_state["found"] == "it takes too much" == at.run().session_state["found"]


class Ended(Exception):
    """As Streamlit ends a script for another one: at a look into what the session keeps."""


class Kept(dict):
    """What a session keeps, whose script is told to end once it has asked."""

    def get(self, key, default=None):
        if key in self:
            raise Ended
        return default


def test_a_script_that_is_to_end_waits_for_no_answer(monkeypatch):
    class Silent(Helpers):
        def ask(self, session, job):
            return Answer(job, askers=1)

    pool, kept = Silent(0), Kept()
    monkeypatch.setattr(resources, "helpers", lambda: pool)
    monkeypatch.setattr(resources, "session", lambda: "somebody")
    monkeypatch.setattr(work.st, "session_state", kept)
    with pytest.raises(Ended):
        work.ask("slot", Job("trace", ()), soon=PATIENCE)
    assert len(kept) == 1, "what it has asked for is known to the next one"


def test_what_can_wait_is_asked_once_the_page_is_painted_or_at_once_where_it_is_known(monkeypatch):
    job, asked = Job("trace", ("lenet5", "", (1, 1, 32, 32), "", (), ())), []

    class Noting(Helpers):
        def ask(self, session, job):
            asked.append(job)
            return super().ask(session, job)

    pool = Noting(0)
    monkeypatch.setattr(resources, "helpers", lambda: pool)
    monkeypatch.setattr(resources, "session", lambda: "somebody")
    looks = iter([None])

    class Told(dict):
        def get(self, key, default=None):
            try:
                return next(looks)
            except StopIteration:
                raise Ended from None

    monkeypatch.setattr(work.st, "session_state", Told())
    with pytest.raises(Ended):  # another edit came meanwhile
        work.ask("slot", job, after_painting=True)
    assert not asked and next(looks, "gone") == "gone"
    monkeypatch.setattr(work.st, "session_state", {})
    looked = []
    monkeypatch.setattr(work, "_let_paint", looked.append)
    assert len(work.ask("slot", job, after_painting=True).steps) > 5 and len(looked) == len(asked) == 1
    monkeypatch.setattr(work.st, "session_state", {})
    assert len(work.ask("slot", job, after_painting=True).steps) > 5 and len(looked) == 1
