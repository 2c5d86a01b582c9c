"""'Try this': buttons that set the stage, each with its sentence. One element for all of them, since every element on a
page makes every edit slower."""

from collections.abc import Callable, Mapping, Sequence

import streamlit as st

from cnnviz.ui.components.load import load_component

mount = load_component(__file__)


def tries(
    key: str,
    stage: str,
    sentences: Mapping[str, str],
    choose: Callable[[str], None],
    disabled: Sequence[str] = (),
    panel: str = "",
) -> None:
    """A button for each label of `sentences`, those in `disabled` out of reach; a click calls `choose(label)` before
    the page runs again, and scrolls the element of key `stage` into sight; by keyboard it goes on in that of key
    `panel`."""

    def take() -> None:
        label = st.session_state[key].get("chosen")
        if isinstance(label, str) and label in sentences:
            choose(label)

    data = {
        "tries": list(sentences.items()),
        "stage": f"st-key-{stage}",
        "disabled": list(disabled),
        "panel": f"st-key-{panel}" if panel else "",
    }
    mount(key=key, data=data, on_chosen_change=take)
