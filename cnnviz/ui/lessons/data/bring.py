"""A data set of the reader's own, brought as files: what was understood of it, before it is kept; and what is kept."""

import streamlit as st

from cnnviz.data import datasets
from cnnviz.data.datasets import Choice, Understood, Upload, brought
from cnnviz.data.datasets.packing import as_zip
from cnnviz.data.datasets.understood import SIZES
from cnnviz.data.datasets.uploads import MAX_BYTES
from cnnviz.lessons.common.format import plural, size_of
from cnnviz.lessons.data.settings import Data
from cnnviz.server import data_use
from cnnviz.server.helpers import Job
from cnnviz.ui.core import reader, work
from cnnviz.ui.core.html_table import table
from cnnviz.ui.core.store import Store
from cnnviz.ui.lessons.data.sheet import Shown, sheet
from cnnviz.ui.lessons.naming import title
from cnnviz.ui.shell.held import held
from cnnviz.ui.shell.page import plain_text

SECONDS, MEGABYTES = 120.0, 1000  # that a foreign file may take
LAID, WRONG = "upload_laid", "upload_wrong"  # in the session
SIDES = {0: "Chosen for you", -1: "As they are", **{side: f"{side} × {side}" for side in SIZES}}
CHANNELS = {0: "Chosen for you", 1: "Grey", 3: "Colour"}
MAX_ROWS = 30  # of tables
WHAT = """
- **Pictures in folders**, one folder a class, packed as a `.zip`; with folders train and test if you like
- **Arrays** in an `.npz`, as Keras, MedMNIST and others have them: `x_train`, `y_train`, `x_test`, `y_test`
- **A table** as `.csv.gz` or in a zip: a row an image, its label and its pixels, as MNIST is passed around
- **idx files**, as MNIST was published: all four `.gz` at once, or in a zip
- **Parquet** with pictures in a column, as Hugging Face has them
"""


def bring(store: Store[Data]) -> None:
    """The file widget, and what the file has to be; while it is read, how far that is; then what it was taken for."""
    st.markdown("Bring images and their labels. You see what was understood before anything is kept.")
    key = f"{store.key('upload')}_{st.session_state.get(store.key('uploads'), 0)}"

    def take() -> None:
        _drop(store)
        files = st.session_state[key]
        if not files:
            return
        try:
            laid = datasets.lay_down([(file.name, file.getvalue()) for file in files])
            st.session_state[store.key(LAID)] = laid
        except ValueError as error:
            st.session_state[store.key(WRONG)] = f"{error}."

    work.get_ready()
    left, right = st.columns([5, 6], gap="large")
    with left:
        limit = MAX_BYTES >> 20
        label = f"Your files, at most {limit} MB in all (the plain CSV of MNIST has 110: pack it, gzip mnist_train.csv)"
        st.file_uploader(label, accept_multiple_files=True, max_upload_size=limit, key=key, on_change=take)
    with right:
        st.markdown(WHAT)
    upload: Upload | None = st.session_state.get(store.key(LAID))
    held(store.name, ["the file that was being read"] if upload else [])
    if wrong := st.session_state.get(store.key(WRONG)):
        st.warning(plain_text(wrong))
    if upload:
        _understood(store, upload)
    else:
        st.caption(
            "Nothing in a file is executed. What you keep lies on the machine that serves this page and stands in the "
            "menu of your browser alone; whoever has a link with it, or to a run that was trained on it, sees its "
            "images."
        )
    _kept(store)
    _in_folder()


def _drop(store: Store[Data]) -> None:
    """What was brought before is forgotten."""
    st.session_state[store.key(WRONG)] = None
    if earlier := st.session_state.pop(store.key(LAID), None):
        earlier.drop()


def _understood(store: Store[Data], upload: Upload) -> None:
    """What the file was taken for, with a choice where it can be taken in several ways."""
    choice = Choice(st.session_state.get(store.key("side"), 0), st.session_state.get(store.key("channels"), 0))
    asked = Job(
        "convert",
        (str(upload.path), upload.file, str(upload.target), choice.side, choice.channels),
        SECONDS,
        MEGABYTES,
    )
    try:
        found: Understood | None = work.ask(store.key("reading"), asked, "Reading the file")
    except ValueError as error:
        st.session_state[store.key(WRONG)] = f"{error}."
        st.session_state.pop(store.key(LAID)).drop()
        st.rerun()
    if found is None:
        return
    channels, height, width = found.picture
    colour = "in colour" if channels == 3 else "in grey"
    st.markdown(
        f"**{plain_text(upload.file)}** was understood as {found.kind}: {sum(found.train):,} training and "
        f"{sum(found.test):,} test images of {height} × {width} pixels {colour}, "
        f"{plural(len(found.classes), 'class', 'classes')}."
    )
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small", key="data_choice"):
        sides = {side: name for side, name in SIDES.items() if side != -1 or found.whole}
        st.selectbox("Size", list(sides), format_func=sides.__getitem__, key=store.key("side"), width=170)
        if found.was_colour or choice.channels:
            st.selectbox(
                "Channels", list(CHANNELS), format_func=CHANNELS.__getitem__, key=store.key("channels"), width=170
            )
        st.button("Keep it", key=store.key("keep"), type="primary", on_click=_keep, args=(store, upload, choice))
        st.button("Discard it", key=store.key("discard"), on_click=_discard, args=(store,))
    if found.notes:
        st.markdown("\n".join(f"- {plain_text(note)}" for note in found.notes))
    if found.left_out:
        many = sum(one.count for one in found.left_out)
        with st.expander(f"Left out: {plural(many, 'file or part', 'files or parts')}", key=store.key("left_out")):
            rows = [(one.what, one.why, f"{one.count:,}") for one in found.left_out]
            st.html(table("What was left out", ("What", "Why", "Files"), rows, (2,)))
    samples, counts = st.columns([7, 4], gap="large")
    with samples:
        shown = [Shown(found.classes[label], group=label) for label in found.shown]
        sheet(store.key("samples"), "Some of the training images", shown, found.samples)
    with counts:
        rows = list(zip(found.classes, (f"{n:,}" for n in found.train), (f"{n:,}" for n in found.test), strict=True))
        more = [(f"and {len(rows) - MAX_ROWS:,} more", "", "")] if len(rows) > MAX_ROWS else []
        head = ("Class", "Training", "Test")
        st.html(table("Images of each class", head, [*rows[:MAX_ROWS], *more], (1, 2), dense=True))


def _keep(store: Store[Data], upload: Upload, choice: Choice) -> None:
    """Callback: the data set is the page's."""
    try:
        name = datasets.finish(upload, reader.name(), choice, data_use.USE.in_use)
    except ValueError as error:
        st.session_state[store.key(WRONG)] = f"{error}."
        return
    _discard(store)
    store.change(dataset=name, view="images")


def _discard(store: Store[Data]) -> None:
    """Callback: forget the file, and show an empty widget."""
    _drop(store)
    for name in ("side", "channels"):
        st.session_state.pop(store.key(name), None)
    st.session_state[store.key("uploads")] = st.session_state.get(store.key("uploads"), 0) + 1


# --- what is kept


def _kept(store: Store[Data]) -> None:
    """The data sets that the reader has here, each to be looked at or removed."""
    folder = datasets.data_folder()
    mine = [one for one in brought.all_kept(folder) if reader.own(one.sessions)]
    if not mine:
        return
    st.markdown(f"### Yours\n{size_of(sum(one.size for one in mine))} of {size_of(brought.MAX_EACH)} are taken.")
    for one in mine:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"{plain_text(title(one.name))}, {size_of(one.size)}", width="stretch")
            look = {"dataset": one.name, "view": "images"}
            st.button("Look at it", key=store.key(f"look_{one.name}"), on_click=store.change, kwargs=look)
            st.button("Remove", key=store.key(f"remove_{one.name}"), on_click=_remove, args=(store, one.name))


def _remove(store: Store[Data], name: str) -> None:
    """Callback: the data set goes."""
    whose = next((one.sessions for one in brought.all_kept(datasets.data_folder()) if one.name == name), ())
    own = reader.own(whose)
    try:
        datasets.remove(name, own[0] if own else reader.name(), lambda one, _sessions: data_use.trained_on(one))
    except ValueError as error:
        st.session_state[store.key(WRONG)] = f"{error}."
        return
    if store.state.dataset == name:
        store.change(dataset=Data().dataset)


def _in_folder() -> None:
    """Files in the data folder that are no data set, with what helps: whoever put them there is to know."""
    files = datasets.unreadable()
    if files:
        with st.expander(f"In the data folder, but no data set: {plural(len(files), 'file')}", key="data_unreadable"):
            st.html(table("Files that are no data set", ("File", "What helps"), files[:MAX_ROWS]))


def actions(store: Store[Data], name: str) -> None:
    """Where to go from a data set; one's own can be saved."""
    with st.container(horizontal=True, gap="medium", vertical_alignment="center", key="data_actions"):
        if not datasets.is_preview(name):
            st.page_link("pages/train.py", label="Train on it →", query_params={"dataset": name})
        if brought.is_recorded(name):
            content, file = (lambda: as_zip(datasets.arrays(name))), f"{name}.zip"
        elif brought.is_brought(name):
            content, file = (lambda: datasets.as_npz(name)), f"{name}.npz"
        else:
            return
        st.download_button(f"Save it as {file[-3:]}", content, file, key=store.key("save"), on_click="ignore")
