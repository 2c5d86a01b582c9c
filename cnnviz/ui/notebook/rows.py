"""The steps of a network as a notebook and a terminal show them: a table with its totals."""

from collections.abc import Sequence

from cnnviz.lessons.common.format import count
from cnnviz.ops.arithmetic import times
from cnnviz.tracing import Step
from cnnviz.ui.core import html_table

HEAD = ("Name", "Operation", "Input", "Output", "Parameters", "MACs")
NUMBERS = (4, 5)  # the columns that stand to the right
MAX_ROWS = 1000  # of the table in a cell, which goes into the notebook's file

# In a notebook that strips styles the table is read as it is; in others it keeps within the cell.
_STYLE = """<style>
.cnnviz-rows .cnnviz-table { max-height: 440px; overflow: auto; }
.cnnviz-rows .cnnviz-table :is(th, td):not(.n) { text-align: left; }
.cnnviz-rows .cnnviz-table tr:last-child td { font-weight: 600; }
</style>"""


class Rows(list[Step]):
    """The steps of a network, in their order: a list, which a notebook shows as a table and a terminal as text."""

    def _repr_html_(self) -> str:
        """The table, without a script: of its first rows and the totals, where there are very many."""
        *rows, total = _cells(self)
        if len(rows) > MAX_ROWS:
            more = len(rows) - MAX_ROWS
            rows[MAX_ROWS:] = [(f"and {more:,} more, which are in the list", *[""] * (len(HEAD) - 1))]
        inner = html_table.table("Steps of the network", HEAD, [*rows, total], NUMBERS)
        return f'{_STYLE}<div class="cnnviz-rows">{inner}</div>'

    def __repr__(self) -> str:
        lines = (HEAD, *_cells(self))
        widths = [max(map(len, column)) for column in zip(*lines)]
        return "\n".join(_line(cells, widths) for cells in lines)


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    padded = (
        f"{cell:>{width}}" if at in NUMBERS else f"{cell:{width}}"
        for at, (cell, width) in enumerate(zip(cells, widths))
    )
    return "  ".join(padded).rstrip()


def _cells(steps: Sequence[Step]) -> list[tuple[str, ...]]:
    """A row a step, shapes without the batch, and one with the totals."""
    rows = [
        (
            step.name,
            step.operation,
            " and ".join(times(shape[1:]) for shape in step.input_shapes),
            times(step.output_shape[1:]),
            count(step.parameters),
            count(step.macs),
        )
        for step in steps
    ]
    parameters, macs = sum(step.parameters for step in steps), sum(step.macs for step in steps)
    return [*rows, ("Total", "", "", "", count(parameters), count(macs))]
