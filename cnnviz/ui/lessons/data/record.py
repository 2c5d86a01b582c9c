"""A data set that is made on the page: pictures by the camera or the pad, a short run on them, and what the network
then reads. All of it is the session's alone, and goes with it."""

import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import streamlit as st

from cnnviz import runs
from cnnviz.data import datasets, recording
from cnnviz.data.datasets import brought, keras
from cnnviz.data.datasets.packing import as_zip
from cnnviz.data.recording import Recording
from cnnviz.inference.predict import read
from cnnviz.lessons.common.format import percent
from cnnviz.lessons.data.settings import Data
from cnnviz.networks import OWN_TEXT
from cnnviz.runs import FINAL, Run
from cnnviz.server import data_use
from cnnviz.training import TrainConfig
from cnnviz.ui.core import reader, resources
from cnnviz.ui.core.store import Store
from cnnviz.ui.lessons.data.recorder import Reading, Recorded, recorder
from cnnviz.ui.shell.held import held

STEPS = 300  # of a run: some seconds on a laptop
SECONDS = 18.0  # that it takes at the most
BATCH = 16
WORDS = """
Name from two to ten classes, and give each at least ten pictures: hold its button, and the camera or the pad gives five
pictures a second, tap it for a single one. A fifth of each class is kept for the test. Then train: a small network
learns them in some seconds, and reads whatever the camera or the pad shows.
"""
NETWORK = """nn.Sequential(
    nn.Conv2d({channels}, 16, 3, padding=1),
    nn.ReLU(),
    nn.MaxPool2d(2),
    nn.Conv2d(16, 32, 3, padding=1),
    nn.ReLU(),
    nn.MaxPool2d(2),
    nn.Conv2d(32, 32, 3, padding=1),
    nn.ReLU(),
    nn.MaxPool2d(2),
    nn.Flatten(),
    nn.Linear(512, 64),
    nn.ReLU(),
    nn.Linear(64, {classes}),
)"""


@dataclass
class _Desk:
    """What a session has recorded, and what became of it: `dataset` and `run` are those of the last training, `heard`
    the number of the message that was taken last."""

    recording: Recording = field(default_factory=Recording)
    heard: int = 0
    dataset: str = ""
    run: str = ""
    reading: Reading | None = None
    said: str = ""


def _desk(store: Store[Data]) -> _Desk:
    desk: _Desk = st.session_state.setdefault(store.key("desk"), _Desk())
    return desk


def record(store: Store[Data]) -> None:
    """The recorder, the run on what was recorded, and where to go with it."""
    st.markdown(WORDS)
    run = _run(_desk(store))
    active = run is not None and run.state() not in FINAL
    st.fragment(_live, run_every=0.4 if active else None)(store, active)
    _further(store)
    st.caption(
        "What you record is seen by nobody else. It lies on the machine that serves this page while you are here, and "
        "goes with your session, as does what was trained on it: save it if you want to keep it."
    )


def _live(store: Store[Data], was_active: bool) -> None:
    """The recorder with what is so; the page runs once more when a run begins or ends."""
    desk = _desk(store)
    run = _run(desk)
    active = run is not None and run.state() not in FINAL
    done = run is not None and _is_usable(run)
    classes = [Recorded(one.name, len(one.pictures)) for one in desk.recording.classes]

    def take(message: dict[str, Any]) -> None:
        _take(_desk(store), message)

    missing = "Training …" if active else desk.recording.missing
    recorder(store.key("recorder"), classes, desk.heard, _status(desk, run), missing, done, desk.reading, take)
    pictures = sum(one.count for one in classes)
    held(store.name, [f"your {pictures} recorded pictures"] if pictures else [])
    if active != was_active:
        st.rerun()


def _run(desk: _Desk) -> Run | None:
    """The last run; None where there was none, or where it has gone."""
    try:
        return runs.find(desk.run) if desk.run else None
    except ValueError:
        return None


def _is_usable(run: Run) -> bool:
    """Whether it has ended with a network: one that took all the time that it had, on a busy machine, has one, too."""
    return run.state() in ("done", "stopped") and run.weights.is_file()


def _status(desk: _Desk, run: Run | None) -> str:
    """How far it is, in a sentence."""
    if desk.said:
        return desk.said
    if run is None:
        return ""
    events = run.events()
    measured = [event["test_accuracy"] for event in events if event.get("test_accuracy") is not None]
    match run.state():
        case "done" | "stopped" if measured and _is_usable(run):
            return f"Trained: {percent(measured[-1], 0)} of the held-out fifth are classified correctly."
        case "done" | "failed" | "stopped":
            reason = str(events[-1].get("reason", "")) if events else ""
            return f"The run has ended without a network{f': {reason}' if reason else ''}. Train again."
        case "waiting":
            return "Waiting for a worker …"
    so_far = f" So far {percent(measured[-1], 0)} of the held-out fifth." if measured else ""
    return f"Training …{so_far}"


# --- what comes from the browser


def _take(desk: _Desk, message: dict[str, Any]) -> None:
    """Callback: a message of the recorder, as a stranger may have written it. One that cannot be taken is heard all the
    same, and a sentence says why."""
    seq = message.get("seq")
    if type(seq) is not int or not 0 < seq < 2**53 or seq == desk.heard:
        return  # it came twice
    desk.heard, desk.said = seq, ""
    try:
        _carry_out(desk, message)
    except ValueError as error:
        desk.said = f"{str(error)[:1].upper()}{str(error)[1:]}."


def _carry_out(desk: _Desk, message: dict[str, Any]) -> None:
    """Raises ValueError where it is none that can be taken."""
    at, made = message.get("at"), desk.recording
    match message.get("kind"):
        case "add" if type(at) is int:
            made.add(at, str(message.get("pictures", "")))
        case "names":
            names = message.get("names")
            made.name_classes([str(name) for name in names] if isinstance(names, list) else [])
        case "clear" if type(at) is int:
            made.clear(at)
        case "remove" if type(at) is int:
            made.remove(at)
        case "train":
            _train(desk)
        case "frame":
            desk.reading = _read(desk, str(message.get("picture", "")))
        case _:
            raise ValueError("the recorder sent what is not known here; load the page again")


def _train(desk: _Desk) -> None:
    """Begins a run on what was recorded; an earlier one goes with its data set. Raises ValueError where it cannot."""
    arrays = desk.recording.arrays()
    workers = resources.workers()
    name, folder = recording.new_name(), datasets.data_folder()
    reader.be_present()
    _keep(name, arrays, folder)
    try:
        desk.run = workers.submit(_config(name, arrays, workers.limits.epochs), reader.name())
    except ValueError:
        brought.drop(name, folder)
        raise
    if desk.dataset:
        data_use.forget(desk.dataset)
    desk.dataset, desk.reading = name, None


def _keep(name: str, arrays: keras.Arrays, folder: Path) -> None:
    """Writes the data set down as the session's. Raises ValueError where that cannot be."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".upload-", dir=folder) as place:
            written = Path(place) / "own.npz"
            keras.write(written, arrays)
            brought.keep_for(name, written, reader.name(), folder, data_use.USE.in_use)
    except OSError as error:
        raise ValueError(f"the recording cannot be kept in {folder} ({error.strerror})") from error


def _config(name: str, arrays: keras.Arrays, max_epochs: int) -> TrainConfig:
    """A run of some seconds."""
    images = arrays["x_train"]
    channels = images.shape[3] if images.ndim == 4 else 1
    batch = min(BATCH, max(2, len(images) // 4))
    epochs = -(-STEPS // -(-len(images) // batch))
    return TrainConfig(
        network=OWN_TEXT,
        text=NETWORK.format(channels=channels, classes=len(arrays["classes"])),
        dataset=name,
        epochs=max(1, min(epochs, max_epochs)),
        steps=STEPS,
        batch_size=batch,
        learning_rate=2e-3,
        optimizer="adam",
        schedule="one_cycle",
        augmentation="shift_rotate",
        time_limit=SECONDS,
    )


def _read(desk: _Desk, encoded: str) -> Reading | None:
    """What the network of the last run makes of a picture. Raises ValueError where it is none."""
    pixels = recording.picture(encoded)
    run = _run(desk)
    if run is None or not run.weights.is_file():
        return None
    checkpoint = resources.checkpoint(run.id)
    prediction = read(checkpoint, recording.in_channels(pixels, checkpoint.card.input_shape[0]))
    return Reading(prediction.classes, prediction.probabilities.tolist())


# --- where to go with it


def _further(store: Store[Data]) -> None:
    """To the pages that look into a network, and to a file."""
    desk = _desk(store)
    run = _run(desk)
    with st.container(horizontal=True, gap="medium", vertical_alignment="center", key="data_recorded"):
        if run is not None and _is_usable(run):
            st.page_link("pages/evaluate.py", label="Evaluate it →", query_params={"network": run.id})
            st.page_link("pages/inside.py", label="Look inside →", query_params={"network": run.id})
            link = {"run": run.id, "dataset": desk.dataset, "network": OWN_TEXT}
            st.page_link("pages/train.py", label="Its run →", query_params=link)
        if not desk.recording.missing:
            made = desk.recording
            st.download_button(
                "Save it as a zip",
                lambda: as_zip(made.arrays()),
                "recorded.zip",
                key=store.key("save_recorded"),
                on_click="ignore",
            )
