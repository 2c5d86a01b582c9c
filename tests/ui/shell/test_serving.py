import asyncio
from types import SimpleNamespace
from typing import Any, cast

import pytest
import streamlit as st
from streamlit.runtime.app_session import AppSession
from streamlit.runtime.memory_session_storage import MemorySessionStorage
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.script_data import ScriptData
from streamlit.runtime.scriptrunner.script_cache import ScriptCache
from streamlit.runtime.websocket_session_manager import WebsocketSessionManager
from streamlit.testing.v1 import AppTest

from app import app
from cnnviz.ui.core import component
from cnnviz.ui.shell import serving
from tests.helpers import PATIENCE


def failing() -> None:
    import streamlit as st

    from cnnviz.ui.shell import serving

    st.title("Before")
    st.session_state["suppressed"] = serving.tell(KeyError("<b>the reason</b>"))


def test_a_fault_is_told_calmly_and_without_its_reason():
    page = AppTest.from_function(failing, default_timeout=PATIENCE).run()
    assert page.session_state["suppressed"] is True
    assert len(page.warning) == 1 and "\n" not in page.warning[0].value and "reason" not in page.warning[0].value
    assert page.title[0].value == "Before" and page.get("html")[0].proto.body == serving.WAYS_ON


def test_the_app_tells_faults_so():
    assert app._on_script_error is serving.tell and app.script_path.name == "home.py"


def test_its_end_leaves_no_files_behind():
    async def served():
        async with serving.lifespan(app):
            folder = component._folder()
            assert folder.is_dir()
        return folder

    assert not asyncio.run(served()).exists()
    assert component._folder().is_dir()  # and whoever draws a component then has another


@pytest.mark.parametrize(("kind", "watched"), [("none", False), ("poll", True)])
def test_a_session_that_comes_back_looks_through_modules_only_where_files_are_watched(
    monkeypatch: pytest.MonkeyPatch, kind: str, watched: bool
) -> None:
    """A session as Streamlit keeps it: connected, cut off, and connected again."""
    monkeypatch.setattr(AppSession, "register_file_watchers", AppSession.register_file_watchers)  # as it is, afterwards
    monkeypatch.setattr(st, "get_option", {"server.fileWatcherType": kind}.get)
    serving._watch_no_files_again()

    async def come_back() -> Any:
        manager = WebsocketSessionManager(
            MemorySessionStorage(), MemoryUploadedFileManager("/files"), ScriptCache(), lambda: None
        )
        client = cast(Any, SimpleNamespace())
        name = manager.connect_session(client, ScriptData("home.py", False), {})
        manager.disconnect_session(name)
        assert manager.connect_session(client, ScriptData("home.py", False), {}, existing_session_id=name) == name
        info = manager.get_active_session_info(name)
        assert info is not None
        found = info.session._local_sources_watcher
        info.session.disconnect_file_watchers()
        return found

    assert (asyncio.run(come_back()) is not None) == watched
