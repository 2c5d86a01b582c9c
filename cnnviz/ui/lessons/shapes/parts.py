"""The Shapes page's parts: the text box, the diagram with its totals, what mends a network, the table, the bars."""

import difflib
import textwrap
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import partial
from html import escape
from math import prod

import streamlit as st

from cnnviz import networks
from cnnviz.data import spreadsheets
from cnnviz.lessons.common.format import count, sentence_case, size_of
from cnnviz.lessons.shapes.settings import MAX_BATCH, NONE, OWN, Shapes
from cnnviz.links import sources
from cnnviz.networks import notation, zoo
from cnnviz.ops.arithmetic import times
from cnnviz.server.following import Reading, Remedy, Traced
from cnnviz.server.helpers import Job
from cnnviz.tracing import Step, describe
from cnnviz.ui.components.diagram import diagram, is_idle
from cnnviz.ui.components.source_box import Mark, source_box
from cnnviz.ui.core import resources, work
from cnnviz.ui.core.store import Store
from cnnviz.ui.core.theme import ROLES
from cnnviz.ui.lessons import controls, own_texts
from cnnviz.ui.lessons.weights import bring
from cnnviz.ui.shell.page import plain_text

HELP = "A class with forward, a notebook cell, a whole script or an nn.Sequential: paste it as it stands."
MAX_BARS = 16
REMEDY_COLUMNS = (2, 5)  # widths: what mends a network, and the lines that it changes
MAX_CHANGED = 12  # lines of a change that are shown
_SMALLER = ", such as an input of fewer numbers or a network of fewer layers"
TITLES = {**networks.titles(), NONE: "Nothing"}
STYLE = """<style>
.cnnviz-bars { display: grid; grid-template-columns: max-content 1fr max-content 1fr max-content; gap: 5px 12px;
  align-items: center; font-size: 0.86rem; font-variant-numeric: tabular-nums; }
.cnnviz-bars b { font-weight: 600; opacity: 0.75; }
.cnnviz-bars i { display: block; height: 12px; border-radius: 3px; min-width: 1px; }
.cnnviz-bars .n { text-align: right; }
@media (max-width: 640px) { .cnnviz-bars { gap: 5px 7px; font-size: 0.78rem; } }
</style>"""


def network_text_area(store: Store[Shapes], traced: Traced | None) -> None:
    """The text of one's own network, with what is wrong in it, and what is asked and offered about it."""
    work.get_ready()
    reading = traced.reading if traced else None
    wrong = traced and (traced.error or (traced.stopped and f"{traced.stopped.sentence}."))
    mark = Mark(*traced.mark, wrong) if traced and traced.mark and wrong else None
    notes = reading.notes if traced and reading and not traced.error else ()  # one that is refused is not passed over
    source_box(store, "text", "Your network, as PyTorch writes it", error=mark, notes=[*(notes or [HELP])])
    if traced and traced.offered:
        _offer(store, traced)
    if reading:
        _ask(store, reading)


def _offer(store: Store[Shapes], traced: Traced) -> None:
    """A text in the place of what is none of PyTorch's, or not whole: seen before it is taken."""
    st.info(_escaped(traced.error))
    st.code(traced.offered, language="python")
    sizes = store.state.sized(traced.offered_shape)
    st.button(
        "Use this text",
        key=store.key("offered"),
        type="primary",
        on_click=store.change,
        kwargs={"text": traced.offered, **sizes},
    )


def _ask(store: Store[Shapes], reading: Reading) -> None:
    """Which network of a text is meant, with which arguments; of a notebook file, its code in place of the file; of an
    input, why its size was not taken."""
    if reading.replaced:
        label = "Show the notebook's code in the box"
        st.button(label, key=store.key("code"), on_click=store.change, kwargs={"text": reading.replaced})
    if refused := st.session_state.pop(store.key("further_refused"), ""):
        st.warning(_escaped(refused))
    names = [one.name for one in reading.candidates]
    if len(names) > 1:
        lines = {one.name: one.line for one in reading.candidates}
        store.show(
            st.radio,
            "chosen_radio",
            reading.chosen,
            lambda name: store.take(chosen=name, arguments="", further="", step=""),
            "Which network",
            names,
            horizontal=True,
            format_func=lambda name: f"{name} (line {lines[name]})",
        )
    if not reading.arguments:
        return
    with controls.control_strip("shapes_arguments"):
        for one in reading.arguments:
            store.show(
                st.text_input,
                f"argument_{one.name}",
                one.text,
                partial(_take_argument, store, one.name),
                f"{reading.chosen}({one.name}=...)",
                width=220,
                max_chars=200,
                placeholder="such as 10",
            )


def further_inputs(store: Store[Shapes], reading: Reading) -> None:
    """A size for each input after the first, named as forward names it."""
    for at, name in enumerate(reading.inputs[1:]):
        shape = store.state.further_shapes(at + 1)[at]
        store.show(
            st.text_input,
            f"further_{at}",
            times(shape[1:]),
            partial(_take_further, store, at),
            f"Size of {name}",
            width=150,
            max_chars=40,
        )


def _take_argument(store: Store[Shapes], name: str, value: str) -> None:
    store.take(arguments=store.state.with_argument(name, value))


def _take_further(store: Store[Shapes], at: int, text: str) -> None:
    try:
        store.take(further=store.state.with_further(at, text))
    except ValueError as error:
        st.session_state[store.key("further_refused")] = f"{error}."


def followed(store: Store[Shapes]) -> Traced | None:
    """The network of the settings, followed by a tensor; None while a long text still is."""
    settings = store.state
    if settings.network != OWN or own_texts.is_short(settings.text):
        return resources.traced(settings.network, settings.text, settings.shape)
    asked = len(_further(store))
    try:
        found: Traced | None = work.ask(
            store.key("trace"), _job("trace", store), "Following a tensor through it", work.ALL_ELSE
        )
    except ValueError as error:
        return Traced(settings.shape, (), error=f"No tensor was followed through it: {error}{_SMALLER}.")
    if found and found.reading:
        st.session_state[store.key("inputs")] = len(found.reading.inputs)
        if asked != len(_further(store)):  # only now it is known how many inputs it takes
            return followed(store)
    return found


def _further(store: Store[Shapes]) -> tuple[tuple[int, ...], ...]:
    """The shapes of the inputs after the first, as many as the text was last seen to take."""
    return store.state.further_shapes(st.session_state.get(store.key("inputs"), 1) - 1)


def _job(function: str, store: Store[Shapes]) -> Job:
    """What is asked about the network of the settings."""
    settings = store.state
    if settings.network != OWN:
        return own_texts.job(function, settings.network, "", settings.shape)
    further = () if own_texts.is_short(settings.text) else _further(store)
    return own_texts.job(function, OWN, settings.text, settings.shape, settings.chosen, settings.given, further)


def show(store: Store[Shapes], traced: Traced, name: str = "diagram", height: int = 150) -> None:
    """The diagram, or why there is none."""
    if traced.offered:
        return  # said where the text stands
    if traced.error:
        st.error(_escaped(traced.error))
    else:
        further, batched = traced.further, store.state.batched
        title = TITLES[store.state.network]
        inputs = traced.reading.inputs if traced.reading else ()
        diagram(store, name, traced.steps, traced.shape, traced.stopped, height, title, further, batched, inputs)


def show_totals(store: Store[Shapes], traced: Traced, name: str = "diagram", fixes: bool = True) -> None:
    """Below the diagram `name`: what mends the network, where `fixes` are wanted, once the reader rests, for to
    look for them takes longer than to draw; what happens to the batch; totals."""
    if traced.error:
        if traced.mendable and fixes:
            _show_remedies(store)
        return
    if traced.stopped and fixes and is_idle(store, name, traced.stopped):
        _show_remedies(store)
    if traced.unused:
        names = ", ".join(traced.unused[:6])
        st.caption(_escaped(f"Does not run in evaluation, and is not counted here: {names}."))
    if traced.steps:
        st.html(_totals(store.state, traced) + bars(traced.steps))  # as one element: every one makes every edit slower


def show_batch(store: Store[Shapes], traced: Traced) -> None:
    """Where the images of a batch meet in a network of one's own: asked last, for it takes two further traces."""
    if store.state.network != OWN or traced.stopped or not traced.steps:
        return
    with suppress(ValueError):  # a helper gave it up: the network is followed all the same
        for one in work.ask(store.key("mixed"), _job("mixed", store), after_painting=True) or ():
            (st.info if one.trains else st.warning)(_escaped(f"{sentence_case(one.sentence)}."))


def _escaped(text: str) -> str:
    """A sentence with what a stranger may have typed, with nothing of it taken for Markdown."""
    return plain_text(text)


def _show_remedies(store: Store[Shapes]) -> None:
    """A button for each change that was seen to mend the network: it is made in the text, or to the input. A change of
    the text is seen as lines before it is made."""
    try:
        found: tuple[Remedy, ...] | None = work.ask(
            store.key("mending"), _job("remedies", store), "Looking for what mends it"
        )
    except ValueError as error:
        st.caption(f"What mends it was not found: {error}{_SMALLER}.")
        return
    own = store.state.network == OWN
    if own and any(remedy.network for remedy in found or ()):
        st.caption("What was seen to mend it: lines with − leave your text, lines with + come into it.")
    for index, remedy in enumerate(found or ()):
        changed = _differences(store.state.text, remedy.network) if own and remedy.network else ""
        action, change = st.columns(REMEDY_COLUMNS, vertical_alignment="center")
        button = partial(action.button, f"Use {remedy.text}", key=store.key(f"remedy_{index}"), width="stretch")
        button(on_click=_use, args=(store, remedy))
        if not remedy.whole:
            action.caption("More is left to mend after that.")
        if changed:
            change.code(changed, language="diff", wrap_lines=True)


def _differences(before: str, after: str) -> str:
    """The lines that a change takes away and puts in, with the number of the first line of each place."""
    lines = []
    for group in difflib.SequenceMatcher(None, old := before.splitlines(), new := after.splitlines()).get_opcodes():
        kind, start, end, first, last = group
        if kind != "equal":
            lines += [f"- {number}: {line}" for number, line in enumerate(_dedented(old[start:end]), start + 1)]
            lines += [f"+ {number}: {line}" for number, line in enumerate(_dedented(new[first:last]), first + 1)]
    return "\n".join(lines[:MAX_CHANGED])


def _dedented(lines: Sequence[str]) -> list[str]:
    """The lines without the indentation that they have in common."""
    return [line.rstrip() for line in textwrap.dedent("\n".join(lines)).split("\n")] if lines else []


def _use(store: Store[Shapes], remedy: Remedy) -> None:
    """Callback: make the change. A network of the zoo becomes text."""
    if remedy.input_shape:
        batch, *sizes = remedy.input_shape
        alike = set(_further(store)) <= {store.state.shape}  # which change with it
        changed = {"further": ""} if alike else {}
        store.change(**store.state.sized(sizes), **changed, batch=min(batch, MAX_BATCH))
        return
    _, *sizes = store.state.shape
    store.change(network=OWN, text=remedy.network, **store.state.sized(sizes))


def _totals(settings: Shapes, traced: Traced) -> str:
    """Parameters, MACs, FLOPs and memory, and what the network teaches, as HTML."""
    parameters, macs = sum(step.parameters for step in traced.steps), sum(step.macs for step in traced.steps)
    memory = size_of(sum(step.memory for step in traced.steps))
    numbers = f"Up to {escape(traced.stopped.layer)}: " if traced.stopped else ""
    numbers += (
        f"<b>{count(parameters)}</b> parameters, <b>{count(macs)}</b> multiply-accumulates (MACs, bias not counted) "
        f"for one image: <b>{count(2 * macs)}</b> FLOPs, two for each MAC, {memory} of activations for the batch "
        f"of&nbsp;{settings.batch}."
    )
    return f"<p>{numbers} {'' if settings.network == OWN else _about(zoo.entry(settings.network))}</p>"


def _about(entry: zoo.Entry) -> str:
    """What a network of the zoo teaches, and where it comes from, as HTML."""
    published = f" Published: {entry.accuracy}." if entry.accuracy else ""
    return escape(f"{entry.teaches}{published} From {entry.source}.")


def open_as_text(store: Store[Shapes], traced: Traced) -> None:
    """For a network that has a text: a button that opens it in the box, and the file that runs."""
    settings, code_of = store.state, traced.reading.complete if traced.reading else ""
    if not traced.text and not code_of:
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
            return notation.export(notation.parse(traced.text), traced.shape[1:]) if traced.text else code_of

        st.download_button(
            "Save as network.py", code, "network.py", "text/x-python", key=store.key("export"), on_click="ignore"
        )


def _to_train(settings: Shapes, traced: Traced) -> dict[str, str]:
    """The link's query with which the Train page trains it on MNIST; none where it does not take such pictures."""
    if settings.network in zoo.trainable(1, 28, 28):
        return {"network": settings.network}
    fits = settings.network == OWN and traced.stopped is None and traced.shape[1:] == (1, 28, 28)
    if not fits or traced.reading is None or len(traced.reading.inputs) > 1:
        return {}
    return {"network": OWN.replace(" ", "_"), "text": sources.write(traced.text or traced.reading.complete)}


def bring_weights(store: Store[Shapes], traced: Traced) -> None:
    """For a text whose network takes a picture: where its weights are brought, trained elsewhere."""
    if store.state.network == OWN and traced.steps and not traced.stopped and len(traced.shape) == 4:
        text = traced.reading.complete if traced.reading else store.state.text
        _, channels, height, width = traced.shape
        bring.panel(store, text, (channels, height, width), traced.reading.inputs if traced.reading else ())


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
