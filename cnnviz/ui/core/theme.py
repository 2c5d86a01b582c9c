"""Colours, once. In the app components take the neutral ones from Streamlit's theme (`--st-*`)."""

import re
from typing import Literal

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

# the neutral colours of .streamlit/config.toml, which a saved file has no other place to take from
NEUTRAL = {
    "light": {
        "primaryColor": "#0072B2",
        "backgroundColor": "#FFFFFF",
        "secondaryBackgroundColor": "#F6F7F9",
        "textColor": "#1A1F26",
        "borderColor": "#DDE1E6",
    },
    "dark": {
        "primaryColor": "#56B4E9",
        "backgroundColor": "#0F1318",
        "secondaryBackgroundColor": "#171C23",
        "textColor": "#E6EAF0",
        "borderColor": "#2C343E",
    },
}


def latex(formula: str) -> str:
    """A formula with named role colours, in the colours that read on this page's background."""
    import streamlit as st

    palette = ROLES_ON_DARK if st.context.theme.type == "dark" else ROLES
    for role, colour in palette.items():
        formula = formula.replace(rf"\textcolor{{{role}}}", rf"\textcolor{{{colour}}}")
    return formula


def variables(mode: Literal["light", "dark"]) -> str:
    """The theme's neutral colours as Streamlit hands them to a component."""
    return " ".join(f"--st-{_kebab(name)}: {value};" for name, value in NEUTRAL[mode].items())


def _kebab(name: str) -> str:
    """'primaryColor' as 'primary-color'."""
    return re.sub("([A-Z])", r"-\1", name).lower()


def css() -> str:
    """The roles as CSS custom properties, for the head of every component's stylesheet."""
    return ":host { " + " ".join(f"--{role}: {colour};" for role, colour in ROLES.items()) + " }\n"
