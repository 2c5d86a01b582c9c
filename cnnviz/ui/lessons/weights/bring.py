"""The weights of the network on the Shapes page, brought as a file: whether they fit, what else they need, and what is
kept."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import streamlit as st
from torch import nn

from cnnviz.data import datasets
from cnnviz.data.datasets import brought as kept
from cnnviz.data.datasets.preprocessing import FITS, Preprocessing
from cnnviz.data.texts import one_line
from cnnviz.inference import about, brought, checkpoints, free_form
from cnnviz.inference.about import NO_DATA, About
from cnnviz.inference.brought import LOADING, MAX_BYTES, MAX_EACH, SAVING, Weights
from cnnviz.inference.counterparts import Pair
from cnnviz.lessons.common.format import plural, size_of
from cnnviz.ops.arithmetic import times
from cnnviz.server import data_use
from cnnviz.tracing import scores
from cnnviz.ui.core import reader
from cnnviz.ui.core.html_table import table
from cnnviz.ui.core.store import Store
from cnnviz.ui.lessons.naming import title
from cnnviz.ui.shell.held import held
from cnnviz.ui.shell.page import plain_text

JUDGED, FITTED = "weights_judged", "weights_fitted"  # in the session
WRONG, FILES = "weights_wrong", "weights_files"
MAX_ROWS = 40  # of a table
MAX_TYPED = 90_000  # letters of all classes
FIT_NAMES = {"framed": "Framed with zeros", "resized": "Resized"}
WHY = """
Trained in a notebook or on another machine? These lines write what this page reads:
"""
NOT_OPENED = (
    "A `.pt` or `.pth` is not opened here: it is a pickle, and to open one is to execute what its writer put in. A "
    "`.safetensors` has names, shapes and numbers, and nothing that runs. The same file is loaded again with:"
)


@dataclass(frozen=True)
class _Network:
    """A text as a network without numbers, and how many scores it gives a picture."""

    weightless: nn.Module
    outputs: int


def panel(store: Store[Any], text: str, input_shape: tuple[int, int, int], inputs: Sequence[str] = ()) -> None:
    """Folded: the file widget for the weights of the network of `text`, which takes pictures of `input_shape` =
    (C, H, W); what is missing in the file, or what else has to be said; and what the reader has here. `inputs` are
    what its forward takes: of several, none is a picture alone."""
    with st.expander("Bring its weights", key=store.key("weights"), on_change="rerun") as whole:
        if not whole.open:
            return
        if len(inputs) > 1:
            taken = f"{', '.join(inputs[:-1])} and {inputs[-1]}"
            st.info(plain_text(f"Weights are brought for networks that take one picture; this one takes {taken}."))
        elif network := _whole(text, input_shape):
            _bring(store, network, text, input_shape)
        _kept(store)


def _whole(text: str, input_shape: tuple[int, int, int]) -> _Network | None:
    """The network; None, which is told, where it is not whole."""
    try:
        return _network(text, input_shape)
    except ValueError as error:
        st.info(plain_text(f"Weights can be brought once the network is whole: {error}."))
        return None


@st.cache_resource(max_entries=32, show_spinner=False)
def _network(text: str, input_shape: tuple[int, int, int]) -> _Network:
    weightless = brought.network_of(text)
    return _Network(weightless, scores(weightless, input_shape))


def _bring(store: Store[Any], network: _Network, text: str, input_shape: tuple[int, int, int]) -> None:
    """The file widget beside the lines that write such a file; below, what was brought."""
    key = f"{store.key('weights_file')}_{st.session_state.get(store.key(FILES), 0)}"
    left, right = st.columns([5, 6], gap="large")
    with left:
        st.file_uploader(
            f"Its weights, a .safetensors of at most {MAX_BYTES >> 20} MB",
            max_upload_size=MAX_BYTES >> 20,
            key=key,
            on_change=_judge,
            args=(store, key),
        )
        st.caption(
            "Nothing in a file is executed. What you keep lies on the machine that serves this page, at most "
            f"{plural(MAX_EACH, 'network')} of yours, and stands in the menus of your browser alone; whoever has a "
            "link with it can use it."
        )
    with right:
        st.markdown(WHY)
        st.code(SAVING, "python", wrap_lines=True)
        with st.expander("Why no .pt, and how to load it again"):
            st.markdown(NOT_OPENED)
            st.code(LOADING, "python", wrap_lines=True)
    if wrong := st.session_state.get(store.key(WRONG)):
        st.warning(plain_text(wrong))
    judged: Weights | None = st.session_state.get(store.key(JUDGED))
    file = st.session_state.get(key)
    held(store.name, ["the weights that you brought"] if judged and file else [])
    if judged and file:
        _understood(store, network, judged, key, text, input_shape)


def _judge(store: Store[Any], key: str) -> None:
    """Callback: a file was brought, or taken away."""
    st.session_state[store.key(WRONG)] = st.session_state[store.key(JUDGED)] = None
    if file := st.session_state[key]:
        try:
            st.session_state[store.key(JUDGED)] = brought.judge(file.name, file.getvalue())
        except ValueError as error:
            st.session_state[store.key(WRONG)] = f"{error}."


def _understood(
    store: Store[Any], network: _Network, judged: Weights, key: str, text: str, input_shape: tuple[int, int, int]
) -> None:
    """What does not match, or what else has to be said before the weights are kept."""
    weights, pairs = _fitted(store, network, judged, text)
    if weights.notes:
        st.markdown("\n".join(f"- {plain_text(note)}" for note in weights.notes))
    if pairs:
        _show_pairs(weights, pairs)
        return
    count = plural(len(weights.tensors), "tensor")
    st.markdown(f"**{plain_text(weights.file)}** fits: {count}, each by its name and shape.")
    try:
        said = _form(store, network, weights, input_shape)
    except ValueError as error:
        st.warning(plain_text(f"{error}."))
        return
    args = (store, judged, key, text, said)
    st.button("Keep it", key=store.key("weights_keep"), type="primary", on_click=_keep, args=args)


def _fitted(store: Store[Any], network: _Network, judged: Weights, text: str) -> tuple[Weights, list[Pair]]:
    """`brought.fitted`, found once for a file and a text: names that do not match are compared for a while."""
    key, asked = store.key(FITTED), (judged, text)
    if key not in st.session_state or st.session_state[key][0] != asked:
        st.session_state[key] = asked, brought.fitted(judged, network.weightless)
    found: tuple[Weights, list[Pair]] = st.session_state[key][1]
    return found


def _show_pairs(weights: Weights, pairs: Sequence[Pair]) -> None:
    """Names of the network and of the file side by side."""
    missing = sum(1 for pair in pairs if pair.wanted)
    more = len(pairs) - missing
    left_over = (
        f"; {plural(more, 'tensor')} of the file {'has' if more == 1 else 'have'} no place in it" if more else ""
    )
    st.warning(
        plain_text(
            f"{weights.file} does not fit: {plural(missing, 'tensor')} of the network "
            f"{'is' if missing == 1 else 'are'} not in the file under that name and shape{left_over}. Change the text, "
            "or rename the tensors before you save them."
        )
    )
    rows = [
        (pair.wanted or "-", _size(pair.wanted_shape), one_line(pair.found, 80) or "missing", _size(pair.found_shape))
        for pair in pairs[:MAX_ROWS]
    ]
    if len(pairs) > MAX_ROWS:
        rows.append((f"and {len(pairs) - MAX_ROWS:,} more", "", "", ""))
    head = ("In the network", "Shape", "In the file, probably", "Shape")
    st.html(table("Tensors that do not match", head, rows, dense=True))


def _size(shape: tuple[int, ...] | None) -> str:
    return "" if shape is None else times(shape) or "a number"


# --- what a file does not say


def _form(store: Store[Any], network: _Network, weights: Weights, input_shape: tuple[int, int, int]) -> About:
    """Classes and preprocessing, prefilled from the file. Raises ValueError where they cannot be."""

    def key(name: str) -> str:
        return f"{store.key(f'weights_{name}')}_{weights.digest[:8]}"

    offered, unread = about.offered(weights.metadata, input_shape)
    if unread:
        st.markdown("\n".join(f"- {plain_text(note)}" for note in unread))
    channels = offered.input_shape[0]
    fitting = [NO_DATA, *_fitting(channels, network.outputs)]
    is_seen = any(name in weights.metadata for name in about.SEEN)
    known = bool(offered.classes) or offered.dataset != NO_DATA or is_seen
    if known:
        first = fitting.index(offered.dataset) if offered.dataset in fitting else 0
    else:
        first = min(1, len(fitting) - 1)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small", key=store.key("weights_form")):
        dataset = st.selectbox(
            "Data set",
            fitting,
            first,
            format_func=lambda name: "None of those here" if name == NO_DATA else title(name),
            help="Those with as many classes and channels. Its test images are shown inside the network and measure "
            "it; its classes are taken in their order.",
            key=key("dataset"),
            width=240,
        )
        seen = offered.preprocessing
        if not known and dataset != NO_DATA:  # the file says nothing: what the data set has
            data = datasets.at_hand(dataset)
            seen = replace(seen, mean=data.mean, std=data.std)
        mean, std = (
            st.text_input(label, _numbers(values), key=key(f"{label}_{dataset}"), width=170)
            for label, values in (("Mean", seen.mean), ("Deviation", seen.std))
        )
        height, width = (
            int(st.number_input(label, 1, about.MAX_SIDE, side, key=key(label), width=120))
            for label, side in zip(("Height", "Width"), seen.size, strict=True)
        )
        fit = st.selectbox(
            "Pictures of another size",
            list(FITS),
            FITS.index(seen.fit),
            format_func=FIT_NAMES.__getitem__,
            key=key("fit"),
            width=190,
        )
    if dataset == NO_DATA:
        label = f"Its {network.outputs:,} classes in the order of the outputs, with commas between"
        typed = st.text_input(label, free_form.written(offered.classes), key=key("classes"), max_chars=MAX_TYPED)
        names = free_form.classes(typed)
        if (named := len(names)) < network.outputs:
            names = about.filled(names, network.outputs)
            which = (
                f"{named:,} of {network.outputs:,} outputs have names; the others" if named else "Without names, they"
            )
            st.caption(f"{which} go by their numbers, {named:,} to {network.outputs - 1:,}.")
    else:
        names = datasets.at_hand(dataset).classes
        st.caption(plain_text(f"Its classes: {one_line(', '.join(names), 300)}."))
    st.caption("Mean and deviation are on the scale from 0 to 1, one number a channel or one for all.")
    size = (height, width)
    said = About(
        names,
        Preprocessing(free_form.numbers(mean, channels), free_form.numbers(std, channels), size, fit or FITS[0]),
        dataset,
    )
    about.check_outputs(said.classes, network.outputs)
    about.check(said)
    return said


def _numbers(values: Sequence[float]) -> str:
    return ", ".join(f"{value:.6g}" for value in values)


def _fitting(channels: int, outputs: int) -> list[str]:
    """The data sets here with so many channels and classes."""
    found = []
    for name in datasets.offered(reader.own):
        try:
            form = datasets.form(name)
        except ValueError:
            continue
        if form.picture[0] == channels and form.classes == outputs and name in datasets.names():
            found.append(name)
    return found


def _keep(store: Store[Any], judged: Weights, key: str, text: str, said: About) -> None:
    """Callback: the network is kept, and the widget is empty again."""
    file = st.session_state.get(key)
    if file is None:
        return
    try:
        brought.keep(judged, file.getvalue(), text, said, reader.name(), data_use.USE.in_use)
    except ValueError as error:
        st.session_state[store.key(WRONG)] = f"{error}."
        return
    st.session_state[store.key(WRONG)] = st.session_state[store.key(JUDGED)] = None
    st.session_state[store.key(FILES)] = st.session_state.get(store.key(FILES), 0) + 1


# --- what is kept


def _kept(store: Store[Any]) -> None:
    """The networks that the reader has here, each with the pages that show it."""
    mine = [one for one in brought.all_kept() if reader.own(one.sessions)]
    if not mine:
        return
    st.markdown("### Yours")
    for one in mine:
        try:
            card = checkpoints.read_card(brought.path(one.name))
        except ValueError:
            continue
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"{plain_text(brought.title(one.name))}, {size_of(one.size)}", width="stretch")
            pages = ["draw"] if card.input_shape[0] == 1 and min(card.input_shape[1:]) >= 28 else []
            pages += ["inside"] if card.dataset == NO_DATA else ["inside", "evaluate"]
            for page in pages:
                st.page_link(f"pages/{page}.py", label=page.capitalize(), query_params={"network": one.name})
            st.button("Remove", key=store.key(f"remove_{one.name}"), on_click=_remove, args=(store, one))


def _remove(store: Store[Any], one: kept.Kept) -> None:
    """Callback: the network goes."""
    try:
        brought.remove(one.name, (reader.own(one.sessions) or [reader.name()])[0])
    except ValueError as error:
        st.session_state[store.key(WRONG)] = f"{error}."
