"""The Shapes page's parts: the text box, the diagram with its totals, what mends a network, the table, the bars."""

from collections.abc import Mapping, Sequence
from html import escape
from math import prod

import streamlit as st

from cnnviz import networks
from cnnviz.data import spreadsheets
from cnnviz.lessons.common.format import count, size_of
from cnnviz.lessons.shapes.settings import NONE, OWN, Shapes
from cnnviz.networks import notation, zoo
from cnnviz.ops.arithmetic import times
from cnnviz.server.helpers import Job
from cnnviz.server.jobs import Remedy, Traced
from cnnviz.tracing import Step, describe
from cnnviz.ui.components.diagram import diagram, is_idle
from cnnviz.ui.components.source_box import Mark, source_box
from cnnviz.ui.core import resources, work
from cnnviz.ui.core.store import Store
from cnnviz.ui.core.theme import ROLES
from cnnviz.ui.lessons import controls
from cnnviz.ui.shell.page import plain_text

HELP = "nn.Sequential(...) with layers of torch.nn; Residual(layer, ..., shortcut=layer) adds its input to its output."
MAX_BARS = 16
SHORT = 40  # layers of a text that are followed at once, in less than a tenth of a second
TITLES = {**networks.titles(), NONE: "Nothing"}
STYLE = """<style>
.cnnviz-bars { display: grid; grid-template-columns: max-content 1fr max-content 1fr max-content; gap: 5px 12px;
  align-items: center; font-size: 0.86rem; font-variant-numeric: tabular-nums; }
.cnnviz-bars b { font-weight: 600; opacity: 0.75; }
.cnnviz-bars i { display: block; height: 12px; border-radius: 3px; min-width: 1px; }
.cnnviz-bars .n { text-align: right; }
@media (max-width: 640px) { .cnnviz-bars { gap: 5px 7px; font-size: 0.78rem; } }
</style>"""


def network_text_area(store: Store[Shapes], error: Mark | None) -> None:
    """The text of one's own network, with what is wrong in it."""
    source_box(store, "text", "Your network, as PyTorch writes it", error=error, notes=[HELP])


def followed(store: Store[Shapes]) -> Traced | None:
    """The network of the settings, followed by a tensor; None while a long text still is."""
    settings = store.state
    if settings.network != OWN or settings.text.count("(") <= SHORT:
        return resources.traced(settings.network, settings.text, settings.shape)
    found: Traced | None = work.ask(store.key("trace"), _job("trace", settings), "Following a tensor through it")
    return found


def _job(function: str, settings: Shapes) -> Job:
    """What is asked about the network of the settings."""
    return Job(function, (settings.network, settings.text if settings.network == OWN else "", settings.shape))


def show(store: Store[Shapes], traced: Traced, name: str = "diagram", height: int = 150) -> None:
    """The diagram, or why there is none."""
    if traced.error:
        st.error(_escaped(traced.error))
    else:
        diagram(store, name, traced.steps, traced.shape, traced.stopped, height, TITLES[store.state.network])


def show_totals(store: Store[Shapes], traced: Traced, name: str = "diagram", fixes: bool = True) -> None:
    """Below the diagram `name`: what mends the network, where `fixes` are wanted, once the reader rests, for to
    look for them takes longer than to draw; totals."""
    if traced.error:
        return
    if traced.stopped and fixes and is_idle(store, name, traced.stopped):
        _show_remedies(store)
    st.html(_totals(store.state, traced) + bars(traced.steps))  # as one element: every one makes every edit slower


def _escaped(text: str) -> str:
    """A sentence with what a stranger may have typed, with nothing of it taken for Markdown."""
    return plain_text(text)


def _show_remedies(store: Store[Shapes]) -> None:
    """A button for each change that was seen to mend the network: it is made in the text, or to the input."""
    found: tuple[Remedy, ...] | None = work.ask(
        store.key("mending"), _job("remedies", store.state), "Looking for what mends it"
    )
    with controls.control_strip(store.key("remedies")):
        for index, remedy in enumerate(found or ()):
            label = f"Use {remedy.text}" + ("" if remedy.whole else " (more is left to mend)")
            st.button(label, key=store.key(f"remedy_{index}"), on_click=_use, args=(store, remedy))


def _use(store: Store[Shapes], remedy: Remedy) -> None:
    """Callback: make the change. A network of the zoo becomes text."""
    if remedy.input_shape:
        _, channels, *size = remedy.input_shape
        store.change(channels=channels, height=size[0], width=size[-1])
        return
    settings = store.state
    keep = {"channels": settings.channels, "height": settings.height, "width": settings.width}
    store.change(network=OWN, text=remedy.network, **keep)


def _totals(settings: Shapes, traced: Traced) -> str:
    """Parameters, MACs, FLOPs and memory, and what the network teaches, as HTML."""
    parameters, macs = sum(step.parameters for step in traced.steps), sum(step.macs for step in traced.steps)
    memory = size_of(sum(step.memory for step in traced.steps))
    numbers = f"Up to {escape(traced.stopped.layer)}: " if traced.stopped else ""
    numbers += (
        f"<b>{count(parameters)}</b> parameters, <b>{count(macs)}</b> multiply-accumulates (MACs, bias not counted) "
        f"for one image: <b>{count(2 * macs)}</b> FLOPs, two for each MAC, {memory} of activations for the batch of "
        f"{settings.batch}."
    )
    return f"<p>{numbers} {'' if settings.network == OWN else _about(zoo.entry(settings.network))}</p>"


def _about(entry: zoo.Entry) -> str:
    """What a network of the zoo teaches, and where it comes from, as HTML."""
    published = f" Published: {entry.accuracy}." if entry.accuracy else ""
    return escape(f"{entry.teaches}{published} From {entry.source}.")


def open_as_text(store: Store[Shapes], traced: Traced) -> None:
    """For a network that has a text: a button that opens it in the box, and the file that runs."""
    settings = store.state
    if not traced.text:
        return
    with st.container(horizontal=True):
        if settings.network != OWN:
            c, h, w = traced.shape[1:]
            opened = {"network": OWN, "text": traced.text, "channels": c, "height": h, "width": w}
            label = "Open as text, to change it"
            st.button(label, key=store.key("open"), on_click=store.change, kwargs=opened)

        if query := _to_train(settings, traced):
            st.page_link("pages/train.py", label="Train it on digits →", query_params=query)

        def code() -> str:  # written when it is asked for
            return notation.export(notation.parse(traced.text), traced.shape[1:])

        st.download_button(
            "Save as network.py", code, "network.py", "text/x-python", key=store.key("export"), on_click="ignore"
        )


def _to_train(settings: Shapes, traced: Traced) -> dict[str, str]:
    """The link's query with which the Train page trains it on MNIST; none where it does not take such pictures."""
    if settings.network in zoo.trainable(1, 28, 28):
        return {"network": settings.network}
    fits = settings.network == OWN and traced.stopped is None and traced.shape[1:] == (1, 28, 28)
    return {"network": OWN.replace(" ", "_"), "text": traced.text} if fits else {}


def table(store: Store[Shapes], steps: Sequence[Step]) -> None:
    """Every step as a row: sortable, and as a CSV file."""
    rows = spreadsheets.plain_rows(describe.rows(steps))
    st.dataframe(rows, key=store.key("table"), hide_index=True, height=min(36 * len(rows) + 38, 460))
    st.download_button("Save as CSV", csv_text(rows), "steps.csv", "text/csv", key=store.key("csv"), on_click="ignore")


def csv_text(rows: Sequence[Mapping[str, str | int | None]]) -> str:
    """The rows as a CSV file."""
    return spreadsheets.as_csv(list(rows[0]) if rows else [], rows)


def bars(steps: Sequence[Step]) -> str:
    """Where the parameters and the MACs are, as HTML: by layer, or by block where there are many layers."""
    shares: dict[str, list[int]] = {}
    counting = [step for step in steps if step.parameters or step.macs]
    for step in counting:
        name = step.name if len(counting) <= MAX_BARS else step.name.split(".")[0]
        share = shares.setdefault(name, [0, 0])
        share[0] += step.parameters
        share[1] += step.macs
    maxima = [max([share[i] for share in shares.values()] or [1]) or 1 for i in (0, 1)]
    lines = ["<span></span><b>Parameters</b><span></span><b>MACs</b><span></span>"]
    for name, share in shares.items():
        parts = zip(share, maxima, (ROLES["kernel"], ROLES["input"]), strict=True)
        cells = "".join(
            f"<i style='width:{100 * part / whole:.1f}%;background:{colour}'></i><span class=n>{count(part)}</span>"
            for part, whole, colour in parts
        )
        lines.append(f"<span>{escape(name)}</span>{cells}")
    return f"{STYLE}<h3>Where the parameters and the work are</h3><div class=cnnviz-bars>{''.join(lines)}</div>"


def compare(store: Store[Shapes], traced: Traced) -> None:
    """The other network below, and both in figures."""
    other = store.state.beside
    second = resources.traced(other, "", (store.state.batch, *zoo.entry(other).input_shape))
    st.markdown(f"### Beside it: {TITLES[other]}")
    show(Store(store.name, _beside_of(store.state), []), second, "second", 110)
    show_totals(Store(store.name, _beside_of(store.state), []), second, "second")
    st.table([_figures(TITLES[store.state.network], traced), _figures(TITLES[other], second)])


def _beside_of(settings: Shapes) -> Shapes:
    """The settings that show the other network."""
    c, h, w = zoo.entry(settings.beside).input_shape
    return Shapes(network=settings.beside, channels=c, height=h, width=w, batch=settings.batch)


def _figures(name: str, traced: Traced) -> dict[str, str]:
    """A row of the comparison."""
    steps = traced.steps
    fields = [step.receptive_field for step in steps if step.receptive_field and step.jump]
    return {
        "Network": name,
        "Input": times(traced.shape[1:]),
        "Layers with weights": count(sum(1 for step in steps if step.parameters and "Norm" not in step.operation)),
        "Parameters": count(sum(step.parameters for step in steps)),
        "MACs": count(sum(step.macs for step in steps)),
        "Largest activation": count(max((prod(step.output_shape[1:]) for step in steps), default=0)),
        "Receptive field before flattening": times(fields[-1]) if fields else "",
    }
