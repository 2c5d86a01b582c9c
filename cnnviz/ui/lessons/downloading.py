"""A data set that is still to be downloaded: a button that does it, with its progress."""

from typing import Any

import streamlit as st

from cnnviz.data import datasets
from cnnviz.lessons.common.format import size_of
from cnnviz.ui.core.store import Store
from cnnviz.ui.shell.page import plain_text


def offer(store: Store[Any], name: str, shows_preview: bool = True) -> None:
    """The button, where that data set is one that would be downloaded; `shows_preview` says whether the page shows what
    there is of it until then."""
    if name in datasets.names() or name not in datasets.downloads.SETS:
        return
    size = datasets.downloads.BYTES[name]
    whole = size_of(size)
    with st.container(horizontal=True, vertical_alignment="center"):
        if shows_preview and datasets.is_preview(name):
            wanted = st.button(f"Get all of it ({whole})", key=store.key("download"))
        else:
            said = f"**{name}** is not on this machine yet: {whole}, downloaded once and kept."
            st.markdown(said, width="content")
            wanted = st.button("Download it now", key=store.key("download"))
    if not wanted:
        return
    bar = st.progress(0.0, f"Downloading {name} …")
    try:
        for share in datasets.downloads.download_progress(name, datasets.data_folder()):
            bar.progress(share, f"Downloading {name}: {size_of(share * size)} of {whole}")
    except ValueError as error:
        bar.empty()
        st.error(plain_text(f"{error}."))
    else:
        st.rerun()
