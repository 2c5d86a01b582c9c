"""Where the picture of the Image filters page comes from: drawn here, a file, or the webcam. A person's own
picture stays in the memory of their session: it is never written to disk and never part of a link."""

from typing import Any

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from cnnviz.data import pictures
from cnnviz.lessons.common.format import labels
from cnnviz.lessons.filters.settings import UPLOAD, WEBCAM, Filters
from cnnviz.ops.windows import Array
from cnnviz.ui.core.store import Store
from cnnviz.ui.shell.held import held

DEFAULT = Filters.picture
OWN = {  # source -> what its widget asks for, the button for another one, what a link says of it
    UPLOAD: ("Choose a picture", "Another file", "a file of its sender’s own"),
    WEBCAM: ("Take a picture", "Take another", "taken with its sender’s webcam"),
}


def _memory(store: Store[Filters]) -> dict[str, Any]:
    """What the session keeps: own pictures by source, whether another is asked for, what was wrong."""
    kept: dict[str, Any] = st.session_state.setdefault(
        store.key("own"),
        {"pictures": {}, "source": None, "again": False, "wrong": None, "round": 0, "linked": store.state.picture},
    )
    return kept


def choose(store: Store[Filters]) -> None:
    """The select box of the strip, and for an own picture the way to another one."""
    kept = _memory(store)
    sources = [*pictures.PICTURES, *OWN]
    store.widget(st.selectbox, "picture", "Picture", sources, format_func=labels(sources).get, width=152)
    source = store.state.picture
    if source != kept["source"]:
        kept.update(source=source, again=False, wrong=None)
    if source != kept["linked"]:
        kept["linked"] = None  # somebody chose here, so a missing picture needs no explanation
    if source in OWN and not _wanted(kept, source):
        label = OWN[source][source in kept["pictures"]]
        st.button(label, key=store.key("again"), on_click=kept.update, kwargs={"again": True})


def _wanted(kept: dict[str, Any], source: str) -> bool:
    """Whether the widget for an own picture is due: chosen and none there yet, or another one asked for. A link
    alone starts nobody's camera."""
    linked_camera = source == WEBCAM and kept["linked"] == source
    return kept["again"] or (source not in kept["pictures"] and not linked_camera)


def bring(store: Store[Filters]) -> None:
    """The way to bring one's own picture, where that was chosen and there is none yet, or another one is asked for."""
    source = store.state.picture
    if source in OWN and _wanted(_memory(store), source):
        _bring(store, source)


def picture(store: Store[Filters]) -> Array:
    """The picture to filter. Where one's own was chosen and there is none yet, or the last one was refused, the one
    before (or the default) stays."""
    kept, source = _memory(store), store.state.picture
    own: Array | None = kept["pictures"].get(source)
    if source not in OWN:
        return pictures.built_in(source)
    return pictures.built_in(DEFAULT) if own is None else own


def sentences(store: Store[Filters]) -> list[str]:
    """What is to be said of it: what was wrong with a file, and why a link's picture is not there."""
    kept, source = _memory(store), store.state.picture
    if source not in OWN:
        return []
    if kept["wrong"]:
        return [kept["wrong"]]
    if source in kept["pictures"] or kept["linked"] != source:
        return []
    return [
        f"This link’s picture was {OWN[source][2]}, and links do not hold pictures. “{DEFAULT}” is shown "
        "until you bring one."
    ]


def tell_held(store: Store[Filters]) -> None:
    """Let the browser know of a picture that is lost with the session; for the end of the page."""
    if _memory(store)["pictures"]:
        held(store.name, ["your picture"])


def _bring(store: Store[Filters], source: str) -> None:
    """The file or camera widget."""
    key = store.key(f"{source}_{_memory(store)['round']}".replace(" ", "_"))
    options: Any = {"key": key, "on_change": _take, "args": (store, source, key)}
    label = OWN[source][0]
    if source == UPLOAD:
        st.file_uploader(label, pictures.SUFFIXES, max_upload_size=pictures.MAX_BYTES >> 20, width=560, **options)
    else:
        st.camera_input(label, width=420, **options)
    st.caption(
        "It stays in the memory of this session: it is not saved, not sent on, and not part of the link that you copy."
    )


def _take(store: Store[Filters], source: str, key: str) -> None:
    """Callback of the file or camera widget: the picture, or a sentence about what was wrong with it."""
    kept, file = _memory(store), st.session_state[key]
    kept["wrong"] = None
    if file is None:
        return
    try:
        kept["pictures"][source] = pictures.read_upload(file.getvalue())
    except ValueError as error:
        kept["wrong"] = f"{file.name[:60]}: {error}" if source == UPLOAD else str(error)
    else:
        kept.update(again=False, round=kept["round"] + 1)  # a new round is a new, empty widget
        _release(file)


def _release(file: Any) -> None:
    """Let go of the file's bytes, which are of no more use and which Streamlit would hold as long as the session."""
    context = get_script_run_ctx()
    remove: Any = getattr(context.uploaded_file_mgr, "remove_file", None) if context else None
    if context and remove:
        remove(context.session_id, file.file_id)
