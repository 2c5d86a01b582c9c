"""What the next run is made of, as controls: presets, the usual settings, and under More all others."""

from contextlib import suppress
from typing import Any

import streamlit as st

from cnnviz import runs
from cnnviz.data import datasets
from cnnviz.inference import checkpoints
from cnnviz.lessons.common.format import labels, sentence_case
from cnnviz.lessons.train.outcomes import measured
from cnnviz.lessons.train.settings import LEARNING_RATES, SWEEP, WEIGHT_DECAYS, Train, is_fitted, networks_for, shown
from cnnviz.networks import OWN_TEXT
from cnnviz.runs import weights
from cnnviz.runs.comparison import TITLES, word
from cnnviz.server.following import Traced
from cnnviz.training import BOUNDS, OPTIONS, TrainConfig, experiments
from cnnviz.training.experiments import EXPERIMENTS, Experiment
from cnnviz.ui.components.source_box import Mark, source_box
from cnnviz.ui.core import reader, resources, work
from cnnviz.ui.core.store import Store
from cnnviz.ui.lessons import controls, own_texts
from cnnviz.ui.lessons.naming import title

MORE = (
    *("optimizer", "momentum", "schedule", "decay", "decay_epochs", "weight_decay", "augmentation"),
    *("normalisation", "fit", "initialisation", "loss", "label_smoothing", "clip_norm"),
    *("evaluate_every", "train_measure", "validation", "best", "start"),
    *("precision", "subset", "steps", "time_limit", "seed", "device"),
)
ANYWHERE = ("device", "time_limit")  # settings of the machine, which a preset leaves alone
NAMES = {  # of options, where the name says too little
    "auto": "The fastest here",
    "mps": "mps (Apple)",
    "sgd": "SGD",
    "momentum": "SGD, momentum",
    "nesterov": "SGD, Nesterov momentum",
    "adam": "Adam",
    "adamw": "AdamW",
    "float32": "float32",
    "bfloat16": "bfloat16",
    "step": "Step decay",
    "one_cycle": "One-cycle",
    "sweep": "Sweep, to find a rate",
    "flip_crop": "Mirrored and cropped",
    "crop": "Cropped",
    "flip": "Mirrored",
    "shift_rotate": "Shifted and turned",
    "handwriting": "Other pens and hands",
    "computed": "Computed",
    "published": "Published",
    "half": "0.5 and 0.5",
    "framed": "In a frame",
    "default": "PyTorch's own",
    "cross_entropy": "Cross-entropy",
    "nll": "Negative log-likelihood",
    "mse": "Mean squared error",
    "running": "While it learns from them",
    "pass": "By a pass afterwards",
    "training": "On training images",
    "validation": "On validation images",
    "test": "On test images",
}
LABELS = {  # where the words of a sentence would not stand above a control
    "clip_norm": "Clip norm",
    "validation": "Validation",
    "best": "Keep the best",
    "evaluate_every": "Every so many steps",
    "train_measure": "Training images",
}
READ = "train_text_read"  # in the session: the text that a helper has read
HELP = {
    "epochs": "How often the network sees all training pictures.",
    "batch_size": "How many pictures a step takes. A batch tells the slope of the loss nearly as well as all pictures "
    "do, in a small part of the time; the larger it is, the less chance is in it. The pictures are shuffled anew in "
    "each epoch, so that no batch comes twice and none is of one class.",
    "learning_rate": "How far each weight moves in a step: this times its gradient, or what the optimiser makes of it. "
    "Too large, and the loss leaps about or stays; too small, and nothing happens for long.",
    "validation": "The share of the training images that is held out: it is measured with the test images, and may "
    "choose the best weights.",
    "best": "Beside the last weights, keep the best, by what is measured. Chosen on the test images, their accuracy is "
    "an optimistic figure.",
    "start": "Go on from weights that are trained, with an optimiser that begins anew.",
    "subset": "Train on the first images only; 0 takes all.",
    "evaluate_every": "Measure the test images after so many batches; 0 measures them after each epoch.",
    "train_measure": "The accuracy on the training images is the mean over batches as they were learnt from, or that "
    "of a pass over all of them whenever the test images are measured.",
    "steps": "End after so many batches; 0 goes on for all epochs.",
    "time_limit": "In seconds; 0 sets no limit.",
    "seed": "Decides the first weights and the order of the images: the same seed gives the same run.",
    "normalisation": "What is taken off each channel of a picture, and what it is then divided by: mean and deviation "
    "of the training images, computed or as they are published, or 0.5 and 0.5. With None, brightness goes from 0 to "
    "1.",
    "fit": "How a picture gets the size that the network takes: framed with black, or resized.",
    "initialisation": "The first weights. He keeps the variance of signals through ReLUs, Xavier that of signals and "
    "gradients; with zeros all units of a layer stay alike.",
    "loss": "How wrong the network is. Negative log-likelihood after log-softmax is cross-entropy by another way; mean "
    "squared error is that of the probabilities.",
    "clip_norm": "A gradient that is longer is scaled down to this length; 0 leaves all as they are.",
    "label_smoothing": "The share of certainty that is taken from the right class and spread over the others.",
}


def strip(store: Store[Train], max_epochs: int) -> None:
    """The controls of a run."""
    settings = store.state
    with controls.control_strip("train_strip"):
        _preset(store)
        networks = [*networks_for(settings.dataset)]
        if settings.network not in networks:
            networks.insert(0, settings.network)
        store.widget(st.selectbox, "network", "Network", networks, format_func=TITLES.get, width=190)
        sets = list(dict.fromkeys([*datasets.offered(reader.own), settings.dataset]))
        store.widget(st.selectbox, "dataset", "Data set", sets, format_func=title, width=170)
        most = max(max_epochs, settings.epochs)  # too many: Train refuses
        controls.integer(store, "epochs", "Epochs", 1, most, HELP["epochs"])
        _typed(store, "learning_rate", LEARNING_RATES)
        controls.integer(store, "batch_size", "Batch size", 1, int(BOUNDS["batch_size"][1]), HELP["batch_size"])
        with controls.more(store, *MORE) as more:
            if more.open:
                _others(store)
    if settings.network == OWN_TEXT:
        work.get_ready()
        box = st.container()  # above what is said while it is read
        traced = _followed(store)
        with box:
            source_box(store, "text", "Your network, as PyTorch writes it", error=_error(traced))
        st.session_state[READ] = (settings.text, traced.error) if traced else ("", "")


def config(store: Store[Train]) -> TrainConfig:
    """The config of the page's settings. Raises ValueError where they are none, and where a helper has not read the
    text of the network: nothing but what one has read within its bounds is read in the process of the app."""
    settings = store.state
    is_code = settings.network == OWN_TEXT and not own_texts.is_short(settings.text)
    text, wrong = st.session_state.get(READ, ("", ""))
    if is_code and text != settings.text:
        raise ValueError("the text of the network is not read yet; press Train again in a moment")
    if is_code and wrong:
        raise ValueError(wrong.rstrip("."))
    return settings.config()


def _followed(store: Store[Train]) -> Traced | None:
    """The network of the text, followed by a picture of the data set."""
    settings = store.state
    try:
        picture = datasets.form(settings.dataset).picture
    except ValueError:  # it is not here yet
        picture = (1, 28, 28)
    return own_texts.followed(store.key("text_read"), settings.text, (1, *picture))


def _error(traced: Traced | None) -> Mark | None:
    """What is wrong with the text of a network; that it does not fit its pictures is said where it is wanted to train,
    for other pictures may fit."""
    if traced is None or not traced.error:
        return None
    return Mark(*(traced.mark or (1, 1)), traced.error)


def _preset(store: Store[Train]) -> None:
    """An experiment in one click; which one it is, as long as nothing is changed."""
    here = _experiment(store)

    def take(chosen: str) -> None:
        wanted = shown(EXPERIMENTS[chosen].config)
        store.change(**{field: value for field, value in wanted.items() if field not in ANYWHERE})

    store.show(
        st.selectbox,
        "preset",
        here.name if here else None,
        take,
        "Experiment",
        list(EXPERIMENTS),
        format_func={name: one.title for name, one in EXPERIMENTS.items()}.get,
        placeholder="Your own settings",
        width=250,
        disabled=store.lock.fixes("network", "dataset", "epochs", "learning_rate", "batch_size", *MORE),
    )


def _experiment(store: Store[Train]) -> Experiment | None:
    """The experiment that is set up, if it is one."""
    if store.state.network == OWN_TEXT:
        return None
    try:
        return experiments.matching(store.state.config())
    except ValueError:  # what is typed is no run yet
        return None


def _typed(store: Store[Train], field: str, usual: tuple[str, ...]) -> None:
    """A number that is one of a few mostly, and may be typed."""
    here = getattr(store.state, field)
    options = [*usual, *([] if here in usual else [here])]
    label = _label(field)
    help = HELP.get(field)
    store.widget(st.selectbox, field, label, options, accept_new_options=True, width=130, help=help)


def _others(store: Store[Train]) -> None:
    """The settings that are needed less often, by what they are about; those that do nothing for the chosen optimiser,
    schedule, loss or data set are left out."""
    settings = store.state
    with _group("Optimisation"):
        _choose(store, "optimizer")
        if settings.optimizer in ("momentum", "nesterov"):
            _fraction(store, "momentum", 0.05)
        _choose(store, "schedule")
        if settings.schedule == "step":
            _fraction(store, "decay", 0.1)
            _whole(store, "decay_epochs")
        _typed(store, "weight_decay", WEIGHT_DECAYS)
        _fraction(store, "clip_norm", 0.5)
    st.button(
        "Find a learning rate",
        key=store.key("sweep"),
        on_click=store.put,
        args=(SWEEP,),
        help="Sets up 200 steps whose rate rises from a millionth to 1: press Train, and read the loss over it.",
        disabled=store.refuses(SWEEP),
    )
    with _group("Pictures"):
        _choose(store, "augmentation")
        _choose(store, "normalisation")
        if is_fitted(settings.network, settings.dataset):
            _choose(store, "fit")
        _whole(store, "subset")
        _fraction(store, "validation", 0.05)
    with _group("Weights and loss"):
        _first_weights(store)
        if not settings.start:
            _choose(store, "initialisation")
        _choose(store, "loss")
        if settings.loss != "mse":
            _fraction(store, "label_smoothing", 0.05)
        _choose(store, "best")
    with _group("Measurement"):
        _whole(store, "evaluate_every")
        _choose(store, "train_measure")
    with _group("Run"):
        _whole(store, "steps")
        _whole(store, "seed")
        _fraction(store, "time_limit", 10.0)
        _choose(store, "precision")
        _choose(store, "device")


def _group(title: str) -> Any:
    """A heading, and the row of settings that stand below it."""
    st.markdown(f"**{title}**")
    return st.container(horizontal=True, vertical_alignment="bottom", gap="small", width=420)


def _label(field: str) -> str:
    """A setting above its control."""
    return LABELS.get(field, sentence_case(word(field)))


def _choose(store: Store[Train], field: str) -> None:
    """One of a few."""
    label = _label(field)
    names = {**labels(OPTIONS[field]), **NAMES}
    help = f"Here: {resources.devices()}." if field == "device" else HELP.get(field)
    store.widget(st.selectbox, field, label, OPTIONS[field], format_func=names.get, help=help, width=200)


def _first_weights(store: Store[Train]) -> None:
    """What a run begins with: fresh weights, those of a checkpoint that ships, or of the run that is watched."""
    settings = store.state
    names = ["", *(name for name in checkpoints.shipped() if name == settings.network)]
    with suppress(ValueError):  # there is no such run, or its config cannot be read
        run = runs.find(settings.run)
        names += weights.of_run(run) if run.config().network == settings.network else []
    options = list(dict.fromkeys([*names, settings.start]))
    appearance = {"format_func": lambda name: weights.title(name) or "Fresh", "help": HELP["start"], "width": 300}
    store.widget(st.selectbox, "start", "First weights", options, **appearance)


def _whole(store: Store[Train], field: str) -> None:
    """A whole number."""
    low, high = map(int, BOUNDS[field])
    controls.integer(store, field, _label(field), low, min(high, 10**9 - 1), HELP.get(field))


def _fraction(store: Store[Train], field: str, step: float) -> None:
    """A number within its bounds."""
    low, high = map(float, BOUNDS[field])
    label = _label(field)
    options = {"min_value": low, "max_value": high, "step": step, "format": "%g", "help": HELP.get(field)}
    store.widget(st.number_input, field, label, width=controls.NUMBER_WIDTH, **options)


def experiment_note(store: Store[Train]) -> str:
    """What there is to see in the experiment that is set up, what its source published, and what it came to here."""
    here = _experiment(store)
    if here is None:
        return ""
    published = f"Published: {here.published}." if here.published else ""
    return " ".join(filter(None, (here.sentence, published, measured(here))))
