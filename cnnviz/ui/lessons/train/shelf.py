"""The reader's runs: which stand beside the watched one, all of them as a table, and their files."""

import json
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import asdict

import streamlit as st

from cnnviz import runs
from cnnviz.data import datasets, spreadsheets
from cnnviz.lessons.common.format import labels, percent
from cnnviz.lessons.train.settings import AXES, MAX_BESIDE, RATE, SWEEP, Train, shown
from cnnviz.runs import comparison, standalone, weights
from cnnviz.runs.comparison import Result
from cnnviz.ui.components.code import code
from cnnviz.ui.core import reader
from cnnviz.ui.core.store import Store
from cnnviz.ui.lessons.train import run_view
from cnnviz.ui.lessons.train.run_view import RunView

MAX_SHOWN = 60  # of the newest runs


def run_actions(store: Store[Train], view: RunView, active: bool) -> None:
    """Where to go from the run, and which others stand beside it."""
    with st.container(horizontal=True, gap="medium", vertical_alignment="center"):
        settings = shown(view.config)
        if any(getattr(store.state, name) != value for name, value in settings.items() if name != "text"):
            st.button("Take its settings", key=store.key("take"), on_click=store.change, kwargs=settings)
        if (rate := run_view.swept_rate(view)) is not None:
            usual = {name: getattr(Train(), name) for name in SWEEP}
            taken = {**settings, **usual, "learning_rate": f"{rate / 10:.2g}"}
            st.button(
                f"Take a rate of {rate / 10:.2g}", key=store.key("take_rate"), on_click=store.change, kwargs=taken
            )
        if view.run.weights.is_file() and not run_view.is_sweep(view):
            on = {**settings, "start": view.run.id}
            help = "The next run begins with what this one has learnt, and its optimiser anew."
            button = "Go on from these weights"
            st.button(button, key=store.key("go_on"), on_click=store.change, kwargs=on, help=help)
        if not active:
            _next_steps(view)
    _beside(store, view)


def folds(store: Store[Train], view: RunView) -> None:
    """One's own runs and the files of this one, folded; where to bring a data set of one's own."""
    with st.expander("Your runs", key=store.key("all"), on_change="rerun") as every:
        if every.open:
            _table()
    with st.expander("This run as files, and as a command", key=store.key("files"), on_change="rerun") as own:
        if own.open:
            _files(store, view)
    st.page_link("pages/data.py", label="Bring or record a data set of your own →", query_params={"view": "bring"})


@st.cache_data(max_entries=500, show_spinner=False)
def _result(run_id: str, changed: int) -> Result | None:
    try:
        return comparison.result(runs.find(run_id))
    except ValueError:
        return None


def results(linked: Iterable[str] = ()) -> list[Result]:
    """What the newest of the reader's runs have come to, the newest first, and those that the page's link names: who
    has it may see them. Runs that nobody owns were started by hand on this machine, and are everybody's. Those that
    cannot be read are left out."""
    every = runs.all()
    owners = {"", *reader.own(run.owner for run in every)}
    known = {run.id: run for run in [run for run in every if run.owner in owners][:MAX_SHOWN]}
    for run_id in linked:
        with suppress(ValueError):
            known.setdefault(run_id, runs.find(run_id))
    found = [_result(run.id, run.changed) for run in known.values()]
    return [one for one in found if one is not None]


def _beside(store: Store[Train], view: RunView) -> None:
    """Which other runs are on the charts, and what they are drawn over."""
    settings = store.state
    known = {one.id: one for one in results(settings.beside) if one.id != view.run.id}
    chosen = [run_id for run_id in settings.beside if run_id in known]
    same = [run_id for run_id, one in known.items() if one.config.dataset == view.config.dataset]

    with st.container(horizontal=True, vertical_alignment="bottom", gap="small", key=store.key("beside_row")):
        options = list(dict.fromkeys([*chosen, *same]))
        hint = "No other run on this data set yet" if not options else "Choose runs to compare with"
        store.show(
            st.multiselect,
            "beside",
            chosen,
            lambda taken: store.take(beside=tuple(taken)),
            "On the charts beside it",
            options,
            format_func=lambda run_id: short(known[run_id]),
            max_selections=MAX_BESIDE,
            placeholder=hint,
        )
        axes = [*AXES, *([RATE] if run_view.is_sweep(view) or settings.axis == RATE else [])]
        names = {**labels(AXES), RATE: "Learning rate"}
        store.widget(st.segmented_control, "axis", "Over", axes, format_func=names.get)


def short(result: Result) -> str:
    """A run in one line of a menu."""
    accuracy = "" if result.accuracy is None else f" · {percent(result.accuracy)}"
    return f"{comparison.describe(result.config)}{accuracy}"


def _table() -> None:
    """The reader's runs with their settings and results."""
    found = results()
    if not found:
        st.markdown("No run yet.")
        return
    rows = [{"Watch": f"/train?run={one.id}", **comparison.row(one)} for one in found]
    columns = {
        "Watch": st.column_config.LinkColumn("", display_text="Watch", width="small"),
        **dict.fromkeys(("Test accuracy, %", "Best, %"), st.column_config.NumberColumn(format="%.2f")),
        "Learning rate": st.column_config.NumberColumn(format="%g"),
    }
    st.dataframe(spreadsheets.plain_rows(rows), column_config=columns, hide_index=True)


def _next_steps(view: RunView) -> None:
    """Where to go with what was learnt."""
    if not view.run.weights.is_file():
        return
    for slug, label in (
        ("evaluate", "Evaluate it: where is it wrong? →"),
        ("draw", "Draw a digit for this network →"),
        ("inside", "Look inside it →"),
    ):
        if slug != "draw" or _reads_digits(view):
            st.page_link(f"pages/{slug}.py", label=label, query_params={"network": _shown_weights(view)})


def _shown_weights(view: RunView) -> str:
    """The name of the weights that other pages open: the best, where they were kept."""
    return weights.of_run(view.run)[-1]


def _reads_digits(view: RunView) -> bool:
    """Whether a drawing is something for it."""
    return view.config.dataset == "mnist"


def _files(store: Store[Train], view: RunView) -> None:
    """The run as files: its settings, figures and weights, and a script that repeats it."""
    run, config = view.run, view.config

    offered: list[tuple[str, str, Callable[[], str | bytes]]] = [
        ("config.json", "Its settings", lambda: json.dumps(asdict(config), indent=2)),
        ("metrics.csv", "Every figure of it", lambda: comparison.as_csv(run.events())),
    ]
    if config.dataset in datasets.names():  # its mean and deviation stand in the script
        hint = "A script that repeats it with torch and torchvision alone"
        offered.insert(0, ("train.py", hint, lambda: standalone.script(config)))
    if datasets.is_ones_own(config.dataset):  # which the script reads by that name
        hint = "The data set, as the script reads it"
        offered.append((f"{config.dataset}.npz", hint, lambda: datasets.as_npz(config.dataset)))
    if run.weights.is_file():
        offered.append(("model.safetensors", "Its weights, with what they are", run.weights.read_bytes))
    for path, help in ((run.best, "The best of its weights"), (run.start, "The weights that it went on from")):
        if path.is_file():
            offered.append((path.name, help, path.read_bytes))
    st.caption("The same in a terminal:")
    code(config.command(), key=store.key("command"), python=False)
    with st.container(horizontal=True):
        for name, help, data in offered:
            file = (
                name if name in ("train.py", run.start.name, f"{config.dataset}.npz") else f"{run.id}-{name}"
            )  # the one loads the other
            st.download_button(name, data, file, help=help, key=store.key(f"file_{name}"), on_click="ignore")


def others(store: Store[Train], view: RunView) -> list[RunView]:
    """The runs that stand beside it on the charts: those of the same data set that can be read."""
    found = []
    for run_id in store.state.beside:
        with suppress(ValueError):  # it has been cleared away, or never was
            found += [run_view.read(runs.find(run_id))] if run_id != view.run.id else []
    return [one for one in found if one.config.dataset == view.config.dataset]
