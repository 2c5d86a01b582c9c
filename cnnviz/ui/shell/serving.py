"""What the app does as a whole: what a page says where something went wrong that nobody foresaw, and its end."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import streamlit as st
from starlette.middleware import Middleware

from cnnviz.ui.core import component
from cnnviz.ui.shell.delivery import Delivery

MIDDLEWARE = [Middleware(Delivery)]

# relative to wherever the app is served: the same address once more, and the same page without its settings
WAYS_ON = '<p><a href="" target="_self">Load this page again</a> · <a href="?" target="_self">Begin it anew</a></p>'


def tell(_error: Exception) -> bool:
    """Takes the place of the framework's error screen, for `st.App(on_script_error=...)`: it is called where a page, a
    fragment or a callback raised, after Streamlit has written the error and its traceback into the log. True: nothing
    else is to be shown."""
    st.warning(
        "Something went wrong on this page, which is a mistake of the app and not yours. Your settings are kept in the "
        "page's address.",
        icon=":material/info:",
    )
    st.html(WAYS_ON)
    return True


@asynccontextmanager
async def lifespan(_app: st.App) -> AsyncIterator[None]:
    """For `st.App(lifespan=...)`: from the start of the server to its end, which leaves no files of components behind.
    A server that is asked to end by a signal is ended by it, and tidies nothing up by itself."""
    yield
    component.remove_files()
