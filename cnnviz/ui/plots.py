"""Figures that stand still and are worth exploring, by plotly: one look for all, and how each is shown and taken away.

Whoever draws one describes traces and layout as dictionaries in plotly's own words; plotly is imported here alone,
when the first figure is drawn. In the browser its script is 4.7 MB, which come with the first figure: so text and table
stand before it, and the figure folded or below the first screen, outside of what an edit runs again.
"""

from collections.abc import Callable, Mapping, Sequence
from textwrap import wrap
from typing import TYPE_CHECKING, Any

import streamlit as st

from cnnviz.ui import theme
from cnnviz.ui.components.save_plot import save_plot

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

Trace = Mapping[str, Any]

# Colours, fonts and background come from Streamlit's theme, in the browser, so that a figure is right in light and dark
LOOK = {
    "margin": {"t": 52, "b": 8, "r": 8, "pad": 6},
    "hovermode": "closest",
    "hoverlabel": {"align": "left", "namelength": -1},
    "legend": {"orientation": "h", "xanchor": "left", "x": 0, "yanchor": "top", "y": -0.14},
    "modebar": {"bgcolor": "rgba(0,0,0,0)", "color": theme.GREY, "activecolor": theme.ROLES["window"]},
    "xaxis": {"showgrid": True, "showline": True, "linecolor": theme.GREY, "title": {"standoff": 8}},
    "yaxis": {"zeroline": False, "title": {"standoff": 8}},
}
CONFIG = {
    "displaylogo": False,  # a link to elsewhere
    "displayModeBar": True,  # also where there is no mouse to hover with
    "modeBarButtonsToRemove": ["select2d", "lasso2d", "autoScale2d"],
}


def figure(title: str, traces: Sequence[Trace], layout: Mapping[str, Any]) -> "Figure":
    """A figure in the one look. Raises ValueError where plotly knows no such trace or setting."""
    import plotly.graph_objects as go
    import plotly.io as pio

    pio.templates["cnnviz"] = go.layout.Template(layout=LOOK)
    return go.Figure(list(traces), {"template": "streamlit+cnnviz", "title": {"text": title}, **layout})


def colour(number: int) -> str:
    """The colour of curve `number`: a placeholder of Streamlit's theme, which the browser fills in from
    chartCategoricalColors in .streamlit/config.toml, those of light or dark."""
    import plotly.io as pio

    placeholders = pio.templates["streamlit"].layout.colorway
    return str(placeholders[number % len(theme.ORDER)])


def show(key: str, name: str, drawn: "Figure", told: str, csv: Callable[[], str]) -> None:
    """Draw a figure with its text alternative `told`, and below it the ways to take it along: files of that `name`."""
    pictures = {"format": "png", "filename": f"cnnviz-{name}", "scale": 2}
    st.plotly_chart(drawn, key=key, config={**CONFIG, "toImageButtonOptions": pictures}, alt=told)
    with st.container(horizontal=True, gap="small", key=f"{key}_files"):
        with st.container(width="content"):
            save_plot(f"{key}_pictures", key)
        for kind, write, hint in (
            ("csv", csv, "Its numbers as a table"),
            ("html", lambda: web_page(drawn, told), "The figure as a page that needs no server and no network"),
        ):
            file = f"cnnviz-{name}.{kind}"
            st.download_button(kind.upper(), write, file, key=f"{key}_{kind}", help=hint, on_click="ignore")


def web_page(drawn: "Figure", told: str) -> str:
    """The figure as an HTML file with plotly's script in it, on white."""
    import plotly.io as pio

    written = drawn.to_json()
    for number, role in enumerate(theme.ORDER):
        written = written.replace(f'"{colour(number)}"', f'"{theme.ROLES[role]}"')
    copy = pio.from_json(written).update_layout(template="plotly_white+cnnviz", font={"family": "sans-serif"})
    copy.update_layout(meta=told)
    return str(copy.to_html(config=CONFIG))


def lines_of(text: str, width: int = 52) -> str:
    """A sentence as the lines of a hover text, with what plotly would take for markup taken out."""
    return "<br>".join(wrap(text.replace("<", "‹").replace(">", "›").replace("%{", "% {"), width))
