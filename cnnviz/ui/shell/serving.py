"""What the app does as a whole: what a page says where something went wrong that nobody foresaw, and its end."""

import logging
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from threading import Thread
from typing import Any, cast

import streamlit as st
from starlette.middleware import Middleware
from streamlit.runtime.app_session import AppSession

from cnnviz.data import datasets
from cnnviz.data.datasets import brought
from cnnviz.server import uncompiled
from cnnviz.ui.core import component
from cnnviz.ui.core.sweeper import Leaving
from cnnviz.ui.shell.delivery import Delivery

log = logging.getLogger(__name__)

LOOK_EVERY = 10.0  # seconds between two looks at what was recorded

MIDDLEWARE = [Middleware(Delivery), Middleware(Leaving)]

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


def _remember_more() -> None:
    """A connection is compressed by the last 32 kB that went over it, for 130 kB of memory more. Uvicorn remembers 4,
    so that what a first edit draws anew would go out as if it had never been there."""
    try:
        from uvicorn.protocols.websockets import websockets_sansio_impl as protocol
        from websockets.extensions.permessage_deflate import ServerPerMessageDeflateFactory
    except ImportError:
        log.warning("this uvicorn has another way to compress: a first edit takes more bytes")
        return
    cast(Any, protocol).ServerPerMessageDeflateFactory = lambda **_: ServerPerMessageDeflateFactory(
        compress_settings={"memLevel": 7}
    )


def _watch_no_files_again() -> None:
    """Where no files are watched (`server.fileWatcherType` in .streamlit/config.toml), nor are they in a session that
    was cut off and is there again. Streamlit begins it then, and looks through all modules, on the event loop and for
    each of a class whose Wi-Fi is back."""
    watch = getattr(AppSession, "register_file_watchers", None)
    if watch is None:
        log.warning("this Streamlit has another way to watch files: it may begin it in sessions that were cut off")
        return

    def watch_if_wanted(session: AppSession) -> None:
        if st.get_option("server.fileWatcherType") != "none":
            watch(session)

    cast(Any, AppSession).register_file_watchers = watch_if_wanted


def _forget_recordings() -> None:
    """In a thread, as long as the server runs: what was recorded goes with its session, also what a server before this
    one has left behind."""
    while True:
        time.sleep(LOOK_EVERY)
        if brought.any_recorded(datasets.data_folder()):
            from cnnviz.server.data_use import USE  # it needs torch, which a server of light pages has not loaded

            try:
                USE.sweep()
            except OSError:
                log.exception("what was recorded could not be looked through")


@asynccontextmanager
async def lifespan(_app: st.App) -> AsyncIterator[None]:
    """For `st.App(lifespan=...)`: from the start of the server to its end, which leaves no files of components behind.
    A server that is asked to end by a signal is ended by it, and tidies nothing up by itself."""
    uncompiled.leave_out()
    _remember_more()
    _watch_no_files_again()
    Thread(target=_forget_recordings, name="cnnviz-recorded", daemon=True).start()
    yield
    component.remove_files()
