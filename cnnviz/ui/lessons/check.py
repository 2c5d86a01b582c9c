"""The same in PyTorch: the line that does it, the whole script to copy, and torch, imported when asked, to check."""

from typing import Any

import numpy as np
import streamlit as st

from cnnviz.lessons.common import snippets
from cnnviz.lessons.common.format import count, number
from cnnviz.ops.windows import Array
from cnnviz.ui.components.code import code
from cnnviz.ui.core.store import Store


def in_torch(store: Store[Any], script: str, ours: Array, computed: Any = None) -> None:
    """The operation of `script`, in sight; the script and the check are drawn only once they are unfolded.
    `computed` says how torch has it by `by_torch()` and `torch_name`: by default the page's settings do."""
    st.markdown("### The same in PyTorch")
    code(snippets.operation(script), key=store.key("torch"))
    with st.expander("The whole script, and a check", key=store.key("script"), on_change="rerun") as whole:
        store.unfolded = bool(whole.open)
        if whole.open:
            code(script, key=store.key("whole"))
            _check_with_torch(store, ours, computed or store.state)


def _check_with_torch(store: Store[Any], ours: Array, computed: Any) -> None:
    """A switch; once on, every change is checked live against `computed.by_torch()`."""
    if not st.toggle("Check with PyTorch, live", key=store.key("check")):
        return
    with st.spinner("Importing torch"):
        result = computed.by_torch()
    function = computed.torch_name
    if result.shape != ours.shape:
        st.error(f"With {function} the shape is {result.shape}, and here {ours.shape}. Please report this link.")
        return
    apart = float(np.abs(result - ours).max())
    if apart <= 1e-9 * max(1.0, float(np.abs(ours).max())):
        st.success(f"The same {count(ours.size)} numbers with {function} (largest difference {number(apart)}).")
    else:
        st.error(f"With {function} they differ by up to {number(apart)}. Please report this link.")
