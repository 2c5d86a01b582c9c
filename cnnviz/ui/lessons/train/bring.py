"""A data set of the reader's own, brought as a file: an .npz, or a zip of class folders."""

import streamlit as st

from cnnviz.data import datasets
from cnnviz.data.datasets.brought import MAX_EACH
from cnnviz.data.datasets.uploads import MAX_BYTES, READERS, Upload
from cnnviz.lessons.train.settings import Train
from cnnviz.server.helpers import Job
from cnnviz.ui.core import resources, work
from cnnviz.ui.core.store import Store
from cnnviz.ui.shell.held import held
from cnnviz.ui.shell.page import plain_text

SECONDS, MEGABYTES = 120.0, 1000  # that a foreign file may take


def bring(store: Store[Train]) -> None:
    """The file widget, and what the file has to be; while it is read, how far that is."""
    key = store.key("upload")

    def take() -> None:
        file = st.session_state[key]
        st.session_state[store.key("upload_wrong")] = None
        if earlier := st.session_state.pop(store.key("upload_laid"), None):
            earlier.drop()
        if file is None:
            return
        try:
            st.session_state[store.key("upload_laid")] = datasets.lay_down(file.name, file.getvalue())
        except ValueError as error:
            st.session_state[store.key("upload_wrong")] = f"{error}."

    st.markdown(
        "An `.npz` with `x_train`, `y_train`, `x_test`, `y_test` (images `uint8`, (N, H, W) or (N, H, W, 3); labels "
        "from 0) and, if you like, `classes`. Or a `.zip` with a folder of pictures for each class; every fifth is "
        "kept for the test. Nothing in it is executed. It is kept on the machine that serves this page, among the "
        f"newest {MAX_EACH} that you brought, and stands in the menu of your browser alone. Whoever has a link with "
        "it, or to a run that was trained on it, sees its pictures."
    )
    suffixes = [suffix[1:] for suffix in READERS]
    st.file_uploader("Your data set", suffixes, max_upload_size=MAX_BYTES >> 20, key=key, on_change=take, width=560)
    _read(store)
    held(store.name, ["the file that was being read"] if st.session_state.get(store.key("upload_laid")) else [])
    if wrong := st.session_state.get(store.key("upload_wrong")):
        st.warning(plain_text(wrong))


def _read(store: Store[Train]) -> None:
    """The file that was brought, in a helper process; once it is read, its data set is the page's."""
    upload: Upload | None = st.session_state.get(store.key("upload_laid"))
    if upload is None:
        return
    asked = Job("convert", (str(upload.path), upload.file, str(upload.target)), SECONDS, MEGABYTES)
    try:
        if work.ask(store.key("reading"), asked, "Reading the file") is None:
            return
        store.change(dataset=datasets.finish(upload, resources.session()))
    except ValueError as error:
        st.session_state[store.key("upload_wrong")] = f"{error}."
    st.session_state.pop(store.key("upload_laid")).drop()
    st.rerun()
