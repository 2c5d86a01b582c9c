"""Figures that stand still and are worth exploring, by plotly: one look for all, and how each is shown and taken away.

Whoever draws one describes traces and layout as dictionaries in plotly's own words; plotly is imported here alone, when
the first figure is drawn (Streamlit loads its classes at its own start). In the browser its script is 4.7 MB, which
come with the first figure: so text and table stand before it, and the figure folded or below the first screen, outside
of what an edit runs again.
"""

from collections.abc import Callable, Mapping, Sequence
from html import escape
from textwrap import wrap
from typing import TYPE_CHECKING, Any

import streamlit as st

from cnnviz.ui.components.save_plot import save_plot
from cnnviz.ui.core import theme

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

Trace = Mapping[str, Any]

# Fonts and background come from Streamlit's theme, in the browser, and so do the colours: what stands here are the
# placeholders that it fills in from chartCategoricalColors of .streamlit/config.toml, those of light or of dark. So a
# figure is right in either, and in a picture of it.
PLACEHOLDERS = tuple(f"#{number:06}" for number in range(1, 7))
CURVES, MUTED = PLACEHOLDERS[: len(theme.ORDER)], PLACEHOLDERS[-1]
# It is not a template of plotly's: over that Streamlit lays its own theme, whose texts are too pale.
LAYOUT: dict[str, Any] = {
    "template": "streamlit",
    "margin": {"t": 96, "b": 8, "r": 26, "pad": 6},
    "title": {"yref": "paper", "y": 1, "yanchor": "bottom", "pad": {"b": 36}, "subtitle": {"font": {"color": MUTED}}},
    "hovermode": "closest",
    "hoverlabel": {"align": "left", "namelength": -1, "font": {"color": MUTED}},
    "legend": {"orientation": "h", "xanchor": "left", "x": 0, "yanchor": "top", "y": -0.14},
    "modebar": {"bgcolor": "rgba(0,0,0,0)", "color": MUTED, "activecolor": CURVES[0]},
}
AXIS = {"tickfont": {"color": MUTED}, "title": {"standoff": 14, "font": {"color": MUTED}}, "zeroline": False}
CONFIG = {
    "displaylogo": False,  # a link to elsewhere
    "displayModeBar": True,  # also where there is no mouse to hover with
    "modeBarButtonsToRemove": ["select2d", "lasso2d", "autoScale2d"],
}


def figure(title: str, subtitle: str, traces: Sequence[Trace], layout: Mapping[str, Any]) -> "Figure":
    """A figure in the one look. Raises ValueError where plotly knows no such trace or setting."""
    import plotly.graph_objects as go

    drawn = go.Figure(list(traces), LAYOUT)
    drawn.update_layout({"title": {"text": title, "subtitle": {"text": subtitle}}, **layout})
    drawn.update_xaxes(**AXIS, showgrid=True, showline=True, linecolor=MUTED)
    return drawn.update_yaxes(AXIS)


def colour(number: int) -> str:
    """The colour of curve `number`, in the order of theme.ORDER."""
    return CURVES[number % len(CURVES)]


def show(key: str, name: str, drawn: "Figure", description: str, csv: Callable[[], str]) -> None:
    """Draw a figure with its text alternative `description`, and below it the ways to take it along: files
    of that `name`."""
    pictures = {"format": "png", "filename": f"cnnviz-{name}", "scale": 2}
    st.plotly_chart(drawn, key=key, config={**CONFIG, "toImageButtonOptions": pictures}, alt=description)
    with st.container(horizontal=True, gap="small", key=f"{key}_files"):
        with st.container(width="content"):
            save_plot(f"{key}_pictures", key)
        for kind, write, hint in (
            ("csv", csv, "Its numbers as a table"),
            ("html", lambda: web_page(drawn, description), "The figure as a page that needs no server and no network"),
        ):
            file = f"cnnviz-{name}.{kind}"
            st.download_button(kind.upper(), write, file, key=f"{key}_{kind}", help=hint, on_click="ignore")


def web_page(drawn: "Figure", description: str) -> str:
    """The figure as an HTML file with plotly's script in it, on white."""
    import plotly.io as pio

    written = drawn.to_json()
    for placeholder, shown in zip(PLACEHOLDERS, [*(theme.ROLES[role] for role in theme.ORDER), theme.MUTED["light"]]):
        written = written.replace(f'"{placeholder}"', f'"{shown}"')
    white = pio.from_json(written).update_layout(template="plotly_white", font={"family": "sans-serif"})
    plot = white.to_html(config=CONFIG, full_html=False, include_plotlyjs=True)
    head = f"<!doctype html><html lang=en><meta charset=utf-8><title>{escape(_title_of(drawn))}</title>"
    return f"{head}<body>{plot}<p style='font-family: sans-serif'>{escape(description)}</p></body></html>"


def _title_of(drawn: "Figure") -> str:
    """What stands above it."""
    return str(drawn.layout.title.text)


def lines_of(text: str, width: int = 52) -> str:
    """A sentence as the lines of a hover text, with what plotly would take for markup taken out."""
    return "<br>".join(wrap(text.replace("<", "‹").replace(">", "›").replace("%{", "% {"), width))
