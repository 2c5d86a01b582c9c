import asyncio

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
