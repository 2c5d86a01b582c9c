"""Widgets that several lessons share."""

import secrets
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from types import SimpleNamespace
from typing import Any

import streamlit as st

from cnnviz import lessons
from cnnviz.lessons.common import presets
from cnnviz.links import Axes, Cells
from cnnviz.ui.components.tries import tries
from cnnviz.ui.core import theme
from cnnviz.ui.core.store import Store

NUMBER_WIDTH = 126  # pixels; narrower ones lose their + and -


def control_strip(key: str) -> Any:
    """The slim row of controls above a stage; it wraps on a phone."""
    return st.container(horizontal=True, vertical_alignment="bottom", gap="xsmall", key=key)


def preset(store: Store[Any], field: str, label: str, options: Mapping[str, Cells], *, width: int = 152) -> None:
    """A select box that puts a ready-made grid into `field`, and says which one is there ('own' after an edit)."""
    if field in store.lock.hidden:
        return

    def take(name: str) -> None:
        store.put({field: options[name]})

    appearance = {"placeholder": "Your own", "width": width, "disabled": store.lock.fixes(field)}
    here = named(getattr(store.state, field), options)
    store.show(st.selectbox, f"{field}_preset", here, take, label, list(options), **appearance)


def named(grid: Cells, options: Mapping[str, Cells]) -> str | None:
    """What a ready-made grid is called; None for another."""
    return next((name for name, one in options.items() if one == grid), None)


def pair(store: Store[Any], name: str, label: str, help: str | None = None) -> None:
    """A number for both axes, or one for each where the axes are parted."""
    if name in store.lock.hidden:
        return

    def take(axis: str) -> Callable[[int], object]:
        return lambda chosen: store.take(**{name: getattr(store.state, name)._replace(**{axis: chosen})})

    parts = {"h": f"{label}, rows", "w": f"{label}, columns"} if store.state.per_axis else {"h": label}
    appearance: dict[str, Any] = {"help": help, "disabled": store.lock.fixes(name)}
    for (axis, text), bounds in zip(parts.items(), store.state.control_bounds(name), strict=True):
        value = getattr(getattr(store.state, name), axis)
        number(store, f"{name}_{axis}", text, value, bounds[0], bounds[1], take(axis), **appearance)


def integer(store: Store[Any], field: str, label: str, low: int, high: int, help: str | None = None) -> None:
    """A whole number within its bounds."""
    store.widget(st.number_input, field, label, min_value=low, max_value=high, step=1, help=help, width=NUMBER_WIDTH)


def number(
    store: Store[Any],
    widget: str,
    label: str,
    value: int | None,
    low: int,
    high: int,
    take: Callable[[int], object],
    **options: Any,
) -> None:
    """A whole number that is no setting of its own; `take` gets what is chosen."""
    bounds = {"min_value": low, "max_value": high, "step": 1}
    store.show(st.number_input, widget, value, take, label, **{**bounds, "width": NUMBER_WIDTH, **options})


def challenges(store: Store[Any]) -> None:
    """'Try this': each button sets the controls so that its sentence can be seen; those that the link fixes are out of
    reach."""
    options = lessons.find(store.name).challenges
    if not options:
        return
    sentences = {label: sentence for label, (sentence, _) in options.items()}
    fixed = [label for label, (_, settings) in options.items() if store.refuses(settings)]
    tries(store.key("tries"), store.key("stage"), sentences, lambda label: store.put(options[label][1]), fixed)


def padding_buttons(store: Store[Any]) -> None:
    """'Valid' and 'Same', the two paddings with a name."""
    settings, fields = store.state, ("same", "padding")
    if any(field in store.lock.hidden for field in fields):
        return
    no_padding = not settings.same and settings.padding == (0, 0)
    choices: dict[str, dict[str, Any]] = {
        "Valid": {"same": False, "padding": Axes(0, 0)},
        "Same": {"same": True},
    }
    here = "Same" if settings.same else "Valid" if no_padding else None

    def take(name: str) -> None:
        store.change(**choices[name])

    store.show(
        st.segmented_control,
        "padding_choice",
        here,
        take,
        "Padding",
        list(choices),
        label_visibility="collapsed",
        disabled=settings.transposed or store.lock.fixes(*fields),
    )


def random_buttons(store: Store[Any], input_only: bool = False) -> None:
    """New random numbers in the input or the kernel, at the size they have."""

    def roll(field: str, make: Callable[[int, int, int], Cells]) -> None:
        grid = getattr(store.state, field)
        store.put({field: make(len(grid), len(grid[0]), secrets.randbelow(1 << 30))})

    for field, name in [("x", "input")] if input_only else [("x", "input"), ("w", "kernel")]:
        if field in store.lock.hidden:
            continue
        make = presets.random_input if field == "x" else presets.random_kernel
        fixed = store.lock.fixes(field)
        st.button(f"Random {name}", key=store.key(f"random_{field}"), on_click=roll, args=(field, make), disabled=fixed)


def formulas(title: str, lines: list[str]) -> None:
    """A heading and its formulas, as one element: every element more makes every edit slower."""
    rows = r" \\[1.1em] ".join(map(theme.latex, lines))
    st.markdown(rf"### {title}" + "\n\n" + rf"$$\begin{{gathered}}{rows}\end{{gathered}}$$")


def remarks(lines: list[str]) -> None:
    """What is worth noticing on the stage."""
    if lines:
        st.caption("  \n".join(lines))


def more(store: Store[Any], *fields: str) -> Any:
    """The settings that are needed less often; a dot where one of `fields` is not as usual. Draw what is in it only
    while it is `open`. Nothing where the link hides them."""
    if fields and set(fields) <= set(store.lock.hidden):
        return nullcontext(SimpleNamespace(open=False))
    usual = type(store.state)
    changed = any(getattr(store.state, field) != getattr(usual, field) for field in fields)
    return st.popover("More •" if changed else "More", key=store.key("more"), on_change="rerun", width="content")


def setups(store: Store[Any], options: Mapping[str, Mapping[str, Any]]) -> None:
    """Ready-made settings as pills; the one that is on the stage is marked. Where the link fixes what one of them
    changes, they are out of reach, and where it hides that, they are not drawn."""
    if any(field in store.lock.hidden for settings in options.values() for field in settings):
        return

    def take(name: str) -> None:
        store.put(options[name])

    fixed = any(map(store.refuses, options.values()))
    appearance = {"label_visibility": "collapsed", "wrap": False, "disabled": fixed}
    here = setup_of(store.state, options)
    store.show(st.pills, "setup", here, take, "Ready-made", list(options), **appearance)


def setup_of(state: Any, options: Mapping[str, Mapping[str, Any]]) -> str | None:
    """Which of ready-made settings are those of `state`; None where it has others."""

    def fits(settings: Mapping[str, Any]) -> bool:
        return all(getattr(state, field) == value for field, value in settings.items())

    return next((name for name, settings in options.items() if fits(settings)), None)
