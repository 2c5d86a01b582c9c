"""The Draw page's parts: who reads, the preprocessing of the drawing, and the digits that were named."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress

import numpy as np
import streamlit as st

from cnnviz import runs
from cnnviz.data import datasets
from cnnviz.data.drawing import STEPS, Stage, to_text
from cnnviz.data.drawing import pipeline as preprocessing_steps
from cnnviz.inference import brought, checkpoints, labelled_drawings
from cnnviz.inference.checkpoints import Card as About
from cnnviz.inference.checkpoints import Checkpoint
from cnnviz.inference.labelled_drawings import Correction
from cnnviz.inference.predict import COIN, DOUBTED, as_input, read
from cnnviz.lessons.common.format import percent, plural
from cnnviz.lessons.draw.settings import MAX_BESIDE, Draw
from cnnviz.ops.arithmetic import times
from cnnviz.runs import weights
from cnnviz.server.helpers import Job
from cnnviz.ui.components.guesses import guesses
from cnnviz.ui.components.pad import News
from cnnviz.ui.core import resources, work
from cnnviz.ui.core.store import Store, visited
from cnnviz.ui.lessons import paper
from cnnviz.ui.lessons.draw import readings
from cnnviz.ui.lessons.draw.pipeline import Card, pictures, pipeline
from cnnviz.ui.lessons.draw.readings import Reader, Reading
from cnnviz.ui.lessons.paper import PadImage, Picture
from cnnviz.ui.lessons.weights import menu
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
    """The networks to choose from: those that ship, the default one as it was when it had learnt little, the reader's
    own runs, as the Train page has them, and those that the reader brought."""
    shipped = [name for name, path in checkpoints.shipped().items() if _takes_digits(checkpoints.read_card(path))]
    return list(dict.fromkeys([*shipped, *weights.early(DEFAULT), *_own_runs(), *_brought(), *settings.networks]))


def _own_runs() -> Iterator[str]:
    """The runs that are open on the Train page and can read digits."""
    train = visited("train")
    for run_id in (train.state.run, *train.state.beside) if train else ():
        try:
            run = runs.find(run_id)
            if _takes_digits(checkpoints.read_card(run.weights)):
                yield from weights.of_run(run)
        except ValueError:  # no run, or one without weights yet
            continue


def _brought() -> Iterator[str]:
    """The networks that the reader brought and that can read digits."""
    for name in menu.own():
        with suppress(ValueError):  # it has just gone
            if _takes_digits(checkpoints.read_card(brought.path(name))):
                yield name


def choose(store: Store[Draw]) -> None:
    """The network that reads, and those beside it."""
    offered = _names(store.state)
    store.widget(st.selectbox, "network", "Network", offered, format_func=weights.title, help=menu.HELP, width=240)

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
        format_func=weights.title,
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
                raise ValueError(f"{weights.title(name)} takes {times(one.card.input_shape)}, and no digits")
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
    if card.command == brought.COMMAND:
        return f"brought, {plural(len(card.classes), 'class', 'classes')}"
    trained = f"{card.dataset}, {plural(card.epochs, 'epoch')}" if card.epochs else "as it was drawn by chance"
    return trained + ("" if card.accuracy is None else f", {percent(card.accuracy)} of the test images")


# --- preprocessing


def _stages(pad_image: PadImage, settings: Draw) -> tuple[Stage, ...]:
    """What is on the paper after each step of the settings."""
    return preprocessing_steps(pad_image.picture, settings.steps, photo=pad_image.photo)


def show_preprocessing_steps(store: Store[Draw], checkpoint: Checkpoint) -> None:
    """The steps, each with its switch, and what the network gets; they hear of their pictures from the pad."""
    settings, card = store.state, checkpoint.card
    cards = [Card("drawn", TITLES["drawn"], TAKEN["drawn"], None)]
    for step in STEPS:
        done = getattr(settings, step)
        cards.append(Card(step, TITLES[step], (TAKEN if done else LEFT_OUT)[step], done))
    ends = tuple((value - card.mean[0]) / card.std[0] for value in (0, 1))
    note = (TAKEN if settings.normalise else LEFT_OUT)["normalise"]
    numbers = ends if settings.normalise else (0.0, 1.0)
    cards.append(Card("normalise", "Normalise", note, settings.normalise, *numbers, *ends))

    def switch(step: str) -> None:
        store.change(**{step: not getattr(store.state, step)})

    pipeline(store.key("way"), store.key("pad"), "Preprocessing: from the paper to the network", cards, switch)


def _framed(picture: Picture, checkpoint: Checkpoint) -> Picture:
    """The last picture as large as the network takes it, before it is normalised."""
    shares = as_input(checkpoint, picture[None, ..., None], normalised=False)[0, 0].numpy()
    return np.asarray(np.rint(255 * shares), np.uint8)


def _left_out(settings: Draw) -> str:
    """What is left out of the preprocessing, for above the readings; '' where nothing is."""
    missing = [TITLES.get(step, "Normalise") for step in (*STEPS, "normalise") if not getattr(settings, step)]
    return f"Left out of the preprocessing: {', '.join(missing)}." if missing else ""


# --- what they read


def limits(store: Store[Draw], found: Mapping[str, Checkpoint]) -> dict[str, float | None]:
    """The entropy in bits above which each network is uncertain; None while it is measured, and where it cannot be: its
    data set is not on this machine, or it takes too much."""
    return {name: _limit_of_doubt(store, name, one) for name, one in found.items()}


def show_readers(store: Store[Draw], found: Mapping[str, Checkpoint], limits: Mapping[str, float | None]) -> None:
    """The networks side by side; they hear what they read from the pad."""
    readers = [
        Reader(weights.title(name), _about(one.card), one.card.classes, _doubt(limit) if limit is not None else "")
        for (name, one), limit in zip(found.items(), limits.values(), strict=True)
    ]
    digits = all(one.classes == readers[0].classes for one in readers)

    def name(label: int) -> None:
        if pad_image := paper.current_pad_image(store):
            newest = _stages(pad_image, store.state)[-1].picture
            st.session_state[NAMED] = labelled_drawings.added(_named_digits(), newest, label)

    longest = max(_doubt(COIN), _doubt(0), key=len)
    readings.readings(store.key("readings"), store.key("pad"), readers, NOTHING, longest, name if digits else None)


def news(
    store: Store[Draw],
    found: Mapping[str, Checkpoint],
    limits: Mapping[str, float | None],
    pad_image: PadImage | None,
) -> News:
    """What comes with the answer to a drawing: what each network reads, and the pictures of the preprocessing. A
    sentence in the notes for a network that makes nothing of it."""
    if pad_image is None:
        return News({"reads": [None for _ in found]})
    shown = [one.picture for one in _stages(pad_image, store.state)]
    reads = [_reading(store, name, one, limits[name], shown[-1]) for name, one in found.items()]
    hows, own = pictures.told(pad_image.drawing.ink, [*shown, _framed(shown[-1], next(iter(found.values())))])
    values, arrays = readings.told(reads, _label_of(shown[-1]))
    return News({**values, "hows": hows}, {**arrays, "own": own})


def _reading(
    store: Store[Draw], name: str, checkpoint: Checkpoint, limit: float | None, picture: Picture
) -> Reading | None:
    """What one network makes of a picture (28, 28), and how far that is to be relied upon."""
    try:
        prediction = read(checkpoint, picture, normalised=store.state.normalise)
    except ValueError as error:
        store.notes.append(f"{weights.title(name)} reads nothing: {error}.")
        return None
    return Reading(prediction, limit is not None and prediction.doubtful(limit))


def _doubt(limit: float) -> str:
    """Why a guess is not to be relied upon whose entropy is above `limit` bits."""
    return f"Uncertain: its entropy is above {limit:.2f} bits, {UNUSUAL if limit < COIN else COIN_TOSS}."


def _limit_of_doubt(store: Store[Draw], name: str, checkpoint: Checkpoint) -> float | None:
    """That of one network."""
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
                st.info(plain_text(f"{weights.title(name)}: {error}."))


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
        f"{weights.title(name)}: {percent(right / len(mine), 0)}",
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


def inside(store: Store[Draw], name: str) -> None:
    """The way to the same drawing inside the network. It is taken as it lies on the pad when the way is: a link that
    held it would have to be drawn anew with every move of the pen."""
    label = "Look inside the network with this drawing →"
    if st.button(label, key=store.key("inside"), type="tertiary"):
        pad_image = paper.current_pad_image(store)
        drawing = {"drawing": to_text(pad_image.drawing.ink)} if pad_image else {}
        st.switch_page("pages/inside.py", query_params={"source": "drawing", "network": name, **drawing})


def sentences(store: Store[Draw]) -> None:
    """What was left out or could not be read, above the readings."""
    if missing := _left_out(store.state):
        st.caption(missing)
    notes(store)
