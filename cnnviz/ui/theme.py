"""Colours and number formats, once. The components take the neutral colours from Streamlit's theme (`--st-*`)."""

import re
from collections.abc import Iterable
from typing import Literal

import streamlit as st

# Okabe and Ito's colours (https://jfly.uni-koeln.de/color), safe for colour blindness: one for each role, everywhere.
ROLES = {
    "input": "#0072B2",
    "kernel": "#D55E00",
    "output": "#009E73",
    "window": "#E69F00",
    "bias": "#CC79A7",
}

# the same hues, light enough for text on a dark page
ROLES_ON_DARK = {
    "input": "#56B4E9",
    "kernel": "#FF8A4C",
    "output": "#2FD3A5",
    "window": "#F5B82E",
    "bias": "#E9A3CC",
}

ORDER = ("input", "kernel", "output", "bias", "window")  # in which curves beside one another take the roles' colours
MUTED = {"light": "#5A6068", "dark": "#A9B0BA"}  # of what stands beside the point, and can still be read


def latex(formula: str) -> str:
    """A formula with named role colours, in the colours that read on this page's background."""
    palette = ROLES_ON_DARK if st.context.theme.type == "dark" else ROLES
    for role, colour in palette.items():
        formula = formula.replace(rf"\textcolor{{{role}}}", rf"\textcolor{{{colour}}}")
    return formula


def variables(mode: Literal["light", "dark"]) -> str:
    """The theme's neutral colours as Streamlit hands them to a component, from .streamlit/config.toml."""
    names = ("primaryColor", "backgroundColor", "secondaryBackgroundColor", "textColor", "borderColor")
    colours = {name: st.get_option(f"theme.{mode}.{name}") for name in names}
    return " ".join(f"--st-{kebab(name)}: {value};" for name, value in colours.items())


def kebab(name: str) -> str:
    """'primaryColor' as 'primary-color'."""
    return re.sub("([A-Z])", r"-\1", name).lower()


def count(value: float) -> str:
    """A whole number with thousands separated: 61,706."""
    return f"{value:,.0f}"


def number(value: float) -> str:
    """A number in a sentence or a formula: 3, -0.25, 1.2e-07; never a small negative number as 0."""
    return f"{value:.6g}"


def plural(value: float, unit: str) -> str:
    """1 epoch, 2.5 epochs."""
    return f"{value:.3g} {unit}" + ("" if value == 1 else "s")


def css() -> str:
    """The roles as CSS custom properties, for the head of every component's stylesheet."""
    return ":host { " + " ".join(f"--{role}: {colour};" for role, colour in ROLES.items()) + " }\n"


def labels(options: Iterable[str]) -> dict[str, str]:
    """What stands in a menu for each of its options: the same with a capital."""
    return {option: sentence_case(option) for option in options}


def sentence_case(text: str) -> str:
    """'max and average' as a label: only the first letter changes."""
    return text[:1].upper() + text[1:]
