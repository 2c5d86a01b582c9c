"""A network's diagram in a notebook's cell: a frame that holds all that it needs, and below it the table of the steps.

A notebook that nobody has said to trust takes out the frame and leaves the table.
"""

from collections.abc import Sequence
from html import escape
from pathlib import Path

from cnnviz.tracing import Shape, ShapeError
from cnnviz.ui.components import diagram
from cnnviz.ui.core import export
from cnnviz.ui.notebook.rows import Rows

_FRAME = Path(__file__).with_name("frame.html")
_OPENING = "notebook/frame.js"
MAX_DRAWN = 3000  # steps: those of a diagram take 500 bytes of the notebook's file each
_AROUND = 270  # pixels that a diagram has above and below its highest block, where nobody can measure it


class Drawing:
    """The diagram of `rows` for inputs of `shapes`, each (N, ...); `stopped` is why the network ends before its end.
    `inputs` are their names, `height` is that of the highest block, in pixels; `title` names the frame to a screen
    reader."""

    def __init__(
        self,
        rows: Rows,
        shapes: Sequence[Shape],
        title: str,
        height: int,
        stopped: ShapeError | None = None,
        inputs: Sequence[str] = (),
    ):
        self.rows, self.title = rows, title
        self._data = (
            diagram.drawn(rows, shapes[0], stopped, height, shapes[1:], inputs=inputs)
            if len(rows) <= MAX_DRAWN
            else None
        )
        self._height = height + _AROUND

    def _repr_html_(self) -> str:
        """The frame with the diagram, which needs neither a server nor a network, and the table below it; of very many
        steps only the table."""
        if self._data is None:
            said = f"{len(self.rows):,} steps are too many for a diagram in a cell, which has {MAX_DRAWN:,} at most."
            return f"<p>{said}</p>\n{self.rows._repr_html_()}"
        inside = export.document(_FRAME, _OPENING, diagram.ASSETS, self._data, title=escape(self.title))
        frame = (
            f'<iframe title="{escape(self.title)}" srcdoc="{escape(inside)}" '
            f'style="display: block; width: 100%; height: {self._height}px; border: 0"></iframe>'
        )
        return f"{frame}\n{self.rows._repr_html_()}"

    def __repr__(self) -> str:
        return repr(self.rows)
