"""The Draw page's parts: who reads, the preprocessing of the drawing, and the digits that were named."""

from collections.abc import Iterator, Sequence
from contextlib import suppress

import numpy as np
import streamlit as st

from cnnviz import runs
from cnnviz.data import datasets
from cnnviz.data.drawing import STEPS, Stage, to_text
from cnnviz.data.drawing import pipeline as preprocessing_steps
from cnnviz.inference import checkpoints, labelled_drawings
from cnnviz.inference.checkpoints import Card as About
from cnnviz.inference.checkpoints import Checkpoint
from cnnviz.inference.labelled_drawings import Correction
from cnnviz.inference.predict import COIN, DOUBTED, as_input, read
from cnnviz.lessons.common.format import percent, plural
from cnnviz.lessons.draw.settings import MAX_BESIDE, Draw
from cnnviz.ops.arithmetic import times
from cnnviz.server.helpers import Job
from cnnviz.ui.components.guesses import guesses
from cnnviz.ui.core import resources, work
from cnnviz.ui.core.store import Store, visited
from cnnviz.ui.lessons import paper
from cnnviz.ui.lessons.draw.pipeline import Card, pipeline
from cnnviz.ui.lessons.draw.readings import Reader, readings
from cnnviz.ui.lessons.paper import PadImage
from cnnviz.ui.shell.held import held
from cnnviz.ui.shell.page import notes, plain_text

DEFAULT = "lenet5"
NOTHING = "Nothing is on the pad, so there is nothing to predict. Draw a digit from 0 to 9."
MAX_SHOWN = 16  # of the digits that were named, in one strip
NAMED = "digits that were named"  # in the session
TITLES = {"drawn": "Drawn", "ink": "White ink", "crop": "Crop", "scale": "Scale", "centre": "Centre"}
TAKEN = {
    "drawn": "As it lies on its paper",
    "ink": "White on black, as MNIST is",
    "crop": "The box around the ink",
    "scale": "Longer side: 20 pixels",
    "centre": "Its mass in the middle of 28 × 28",
    "normalise": "Framed, less the mean, by the deviation",
}
UNUSUAL = f"as on {percent(DOUBTED, 0)} of the test images"
COIN_TOSS = "as much as of a coin that is tossed"
LEFT_OUT = {
    "ink": "Left out: ink and paper as they are",
    "crop": "Left out: all of the paper",
    "scale": "Left out: squeezed into 28 × 28",
    "centre": "Left out: its box in the middle",
    "normalise": "Left out: brightness from 0 to 1",
}


# --- who reads


def _takes_digits(card: About) -> bool:
    """Whether a picture of MNIST's fits the network."""
    channels, height, width = card.input_shape
    return channels == 1 and height >= 28 and width >= 28


def _names(settings: Draw) -> list[str]:
    """The networks to choose from: those that ship, the default one as it was when it had learnt little, and the
    reader's own runs, as the Train page has them."""
    shipped = [name for name, path in checkpoints.shipped().items() if _takes_digits(checkpoints.read_card(path))]
    return list(dict.fromkeys([*shipped, *resources.early(DEFAULT), *_own_runs(), *settings.networks]))


def _own_runs() -> Iterator[str]:
    """The runs that are open on the Train page and can read digits."""
    train = visited("train")
    for run_id in (train.state.run, *train.state.beside) if train else ():
        try:
            if _takes_digits(checkpoints.read_card(runs.find(run_id).weights)):
                yield run_id
        except ValueError:  # no run, or one without weights yet
            continue


def title(name: str) -> str:
    """A network as it stands in a menu."""
    whole, _, epoch = name.partition(resources.EARLY)
    return name if not epoch else f"{whole} before its first step" if epoch == "0" else f"{whole} after epoch {epoch}"


def choose(store: Store[Draw]) -> None:
    """The network that reads, and those beside it."""
    offered = _names(store.state)
    store.widget(st.selectbox, "network", "Network", offered, format_func=title, width=240)

    def take(chosen: list[str]) -> None:
        store.take(beside=tuple(chosen))

    others = [name for name in offered if name != store.state.network]
    options = list(dict.fromkeys([*others, *store.state.beside]))
    store.show(
        st.multiselect,
        "beside",
        list(store.state.beside),
        take,
        "Beside it",
        options,
        format_func=title,
        max_selections=MAX_BESIDE,
        placeholder="Up to three more",
        width=380,
        disabled=store.lock.fixes("beside"),
    )


def loaded(store: Store[Draw]) -> dict[str, Checkpoint]:
    """The networks of the settings by their names; a sentence for each that cannot read."""
    found: dict[str, Checkpoint] = {}
    for name in store.state.networks:
        try:
            one = resources.checkpoint(name)
            if not _takes_digits(one.card):
                raise ValueError(f"{title(name)} takes {times(one.card.input_shape)}, and no digits")
            resources.check_reads(name)
            found[name] = one
        except ValueError as error:
            store.notes.append(f"{error}.")
    if not found:
        store.notes.append(f"{DEFAULT} reads in its place.")
        found[DEFAULT] = resources.checkpoint(DEFAULT)
    return found


def _about(card: About) -> str:
    """A network in a few words."""
    trained = f"{card.dataset}, {plural(card.epochs, 'epoch')}" if card.epochs else "as it was drawn by chance"
    return trained + ("" if card.accuracy is None else f", {percent(card.accuracy)} of the test images")


# --- preprocessing


def stages(pad_image: PadImage, settings: Draw) -> tuple[Stage, ...]:
    """What is on the paper after each step of the settings."""
    return preprocessing_steps(pad_image.picture, settings.steps, photo=pad_image.photo)


def show_preprocessing_steps(store: Store[Draw], shown: Sequence[Stage], checkpoint: Checkpoint) -> None:
    """The steps as pictures, each with its switch, and what the network gets."""
    cards = [
        Card(
            one.step,
            TITLES[one.step],
            TAKEN[one.step] if one.done else LEFT_OUT[one.step],
            one.picture,
            done=None if one.step == "drawn" else one.done,
        )
        for one in shown
    ]
    done = store.state.normalise
    last = as_input(checkpoint, shown[-1].picture[None, ..., None], normalised=done)[0, 0].numpy()
    low, high = (
        -checkpoint.card.mean[0] / checkpoint.card.std[0],
        (1 - checkpoint.card.mean[0]) / checkpoint.card.std[0],
    )
    note = (TAKEN if done else LEFT_OUT)["normalise"]
    cards.append(Card("normalise", "Normalise", note, last, low, high, done))
    st.markdown("##### Preprocessing: from the paper to the network")

    def switch(step: str) -> None:
        store.change(**{step: not getattr(store.state, step)})

    pipeline(store.key("way"), cards, switch)


def _left_out(settings: Draw) -> str:
    """What is left out of the preprocessing, for above the readings; '' where nothing is."""
    missing = [TITLES.get(step, "Normalise") for step in (*STEPS, "normalise") if not getattr(settings, step)]
    return f"Left out of the preprocessing: {', '.join(missing)}." if missing else ""


# --- what they read


def readers(store: Store[Draw], found: dict[str, Checkpoint], shown: Sequence[Stage] | None) -> list[Reader]:
    """What each network makes of the drawing; a sentence in the notes for one that makes nothing of it."""
    picture = shown[-1].picture if shown else None
    return [_reader(store, name, one, picture) for name, one in found.items()]


def show_readings(store: Store[Draw], reading: Sequence[Reader], shown: Sequence[Stage] | None) -> None:
    """The networks side by side."""
    picture = shown[-1].picture if shown else None
    digits = all(one.classes == reading[0].classes for one in reading)
    named = _label_of(picture) if picture is not None else None

    def name(label: int) -> None:
        if pad_image := paper.current_pad_image(store):
            newest = stages(pad_image, store.state)[-1].picture
            st.session_state[NAMED] = labelled_drawings.added(_named_digits(), newest, label)

    longest = max(_doubt(COIN), _doubt(0), key=len)
    readings(store.key("readings"), reading, NOTHING, longest, named, name if digits else None)


def _reader(store: Store[Draw], name: str, checkpoint: Checkpoint, picture: np.ndarray | None) -> Reader:
    """What one network makes of a picture (28, 28), and how far that is to be relied upon."""
    prediction, limit = None, _limit_of_doubt(store, name, checkpoint)
    try:
        prediction = None if picture is None else read(checkpoint, picture, normalised=store.state.normalise)
    except ValueError as error:
        store.notes.append(f"{title(name)} reads nothing: {error}.")
    doubtful = prediction is not None and limit is not None and prediction.doubtful(limit)
    doubt = _doubt(limit) if limit is not None and doubtful else ""
    return Reader(title(name), _about(checkpoint.card), checkpoint.card.classes, prediction, doubt)


def _doubt(limit: float) -> str:
    """Why a guess is not to be relied upon whose entropy is above `limit` bits."""
    return f"Uncertain: its entropy is above {limit:.2f} bits, {UNUSUAL if limit < COIN else COIN_TOSS}."


def _limit_of_doubt(store: Store[Draw], name: str, checkpoint: Checkpoint) -> float | None:
    """The entropy in bits above which that network is uncertain; None while it is measured, and where it cannot be: its
    data set is not on this machine, or it takes too much."""
    dataset = checkpoint.card.dataset
    if dataset not in datasets.names():
        return None
    limit: float | None = None
    with suppress(ValueError):  # it reads all the same
        path, changed = resources.version(name)
        limit = work.ask(store.key(f"doubt_{name}"), Job("limit_of_doubt", (str(path), changed, dataset)))
    return limit


# --- the digits that were named


def _named_digits() -> list[Correction]:
    """Those of this session."""
    kept: list[Correction] = st.session_state.get(NAMED, [])
    return kept


def _label_of(picture: np.ndarray) -> int | None:
    """What this very picture was said to be."""
    return next((one.label for one in _named_digits() if np.array_equal(one.picture, picture)), None)


def show_named(store: Store[Draw], found: dict[str, Checkpoint]) -> None:
    """The digits that were named as a small test set: how each network does on it, as a file, as a data set."""
    mine = _named_digits()
    if st.session_state.get(NAMED) is not None:
        held(store.name, [f"{plural(len(mine), 'digit')} that you named"] if mine else [])
    if not mine:
        return
    with st.expander(f"Digits that you named: {len(mine)}", key=store.key("named"), on_change="rerun") as whole:
        if not whole.open:
            return
        _keep(store, mine)
        newest = mine[::-1][:MAX_SHOWN]
        for name, one in found.items():
            try:
                _guessed(store, name, one, mine, newest)
            except ValueError as error:
                st.info(plain_text(f"{title(name)}: {error}."))


def _guessed(
    store: Store[Draw], name: str, one: Checkpoint, mine: Sequence[Correction], newest: Sequence[Correction]
) -> None:
    """One network on the digits that were named. Raises ValueError where it makes nothing of them."""
    right = sum(guess == digit.label for guess, digit in zip(labelled_drawings.guesses(one, mine), mine, strict=True))
    guesses(
        store.key(f"named_by_{name}"),
        np.stack([digit.picture for digit in newest])[:, None],
        [digit.label for digit in newest],
        labelled_drawings.probabilities(one, newest),
        one.card.classes,
        f"{title(name)}: {percent(right / len(mine), 0)}",
        f"of the newest, {right} of {len(mine)} in all" if len(newest) < len(mine) else "",
    )


def _keep(store: Store[Draw], mine: Sequence[Correction]) -> None:
    """As a file, as a data set that a run can train on, or not at all."""
    with st.container(horizontal=True, vertical_alignment="center"):
        if len(mine) > 1:
            st.download_button(
                "Save as digits.npz",
                lambda: labelled_drawings.as_npz(mine),
                "digits.npz",
                "application/octet-stream",
                key=store.key("save"),
                on_click="ignore",
            )
            st.button("Make them a data set", key=store.key("dataset"), on_click=_make_data_set, args=(store, mine))
        st.button("Forget them", key=store.key("forget"), on_click=lambda: st.session_state.update({NAMED: []}))
        if made := st.session_state.get(store.key("made")):
            st.page_link("pages/train.py", label="Train on them →", query_params={"dataset": made})
    if len(mine) == 1:
        st.caption("Name one more, and they can be saved or trained on.")


def _make_data_set(store: Store[Draw], mine: Sequence[Correction]) -> None:
    """Callback: the digits are kept among the data sets that were brought to this server."""
    try:
        st.session_state[store.key("made")] = datasets.keep("digits.npz", labelled_drawings.as_npz(mine))
    except ValueError as error:
        paper.pad_session(store).problem = f"{error}."


def inside(store: Store[Draw], pad_image: PadImage, name: str) -> None:
    """The way to the same drawing inside the network."""
    query = {"source": "drawing", "drawing": to_text(pad_image.drawing.ink), "network": name}
    st.page_link("pages/inside.py", label="Look inside the network with this drawing →", query_params=query)


def sentences(store: Store[Draw]) -> None:
    """What was left out or could not be read, above the readings."""
    if missing := _left_out(store.state):
        st.caption(missing)
    notes(store)
