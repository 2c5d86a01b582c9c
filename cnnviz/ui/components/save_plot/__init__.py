"""Two buttons that save the plotly figure beside them, as SVG and as PNG: plotly's own mode bar has room for one."""

from cnnviz.ui.core import assets, component

ASSETS = assets.read(__file__)


def save_plot(key: str, figure: str) -> None:
    """Buttons for the figure of key `figure`, which is drawn by st.plotly_chart."""
    component.mount(ASSETS, key=key, data={"figure": f"st-key-{figure}"})
