"""The steps of a network as a table, and their totals."""

from html import escape

from cnnviz.tracing import Step
from cnnviz.ui.theme import count
from cnnviz.zoo import Entry

HEAD = ("Step", "Operation", "Window", "Output", "Parameters", "MACs")
STYLE = """<style>
.cnnviz-steps { overflow-x: auto; font-size: 0.9rem; font-variant-numeric: tabular-nums; }
.cnnviz-steps table { border-collapse: collapse; width: 100%; }
.cnnviz-steps th { text-align: left; font-weight: 600; opacity: 0.7; }
.cnnviz-steps th, .cnnviz-steps td { padding: 6px 14px 6px 0; white-space: nowrap; }
.cnnviz-steps tr { border-bottom: 1px solid color-mix(in srgb, currentColor 14%, transparent); }
.cnnviz-steps .n { text-align: right; padding-right: 28px; }
.cnnviz-steps i { font-style: normal; opacity: 0.65; }
</style>"""


def totals(entry: Entry, steps: list[Step]) -> str:
    """What the network teaches; its parameters, MACs and FLOPs."""
    parameters, macs = sum(step.parameters for step in steps), sum(step.macs for step in steps)
    published = f"Published: {entry.accuracy}. " if entry.accuracy else ""
    return (
        f"{entry.teaches} **{count(parameters)}** parameters, **{count(macs)}** multiply-accumulates "
        f"(MACs, bias not counted) for one picture: **{count(2 * macs)}** FLOPs, two for each MAC. "
        f"{published}From {entry.source}."
    )


def table(steps: list[Step]) -> str:
    """One row a step, as HTML."""
    head = "".join(f"<th{' class=n' if i >= 4 else ''}>{name}</th>" for i, name in enumerate(HEAD))
    rows = "".join(f"<tr>{row(step)}</tr>" for step in steps)
    whole = f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
    return f"{STYLE}<div class=cnnviz-steps>{whole}</div>"


def row(step: Step) -> str:
    """The cells of one step; the parameters with their arithmetic."""
    arithmetic = f"<i>{step.arithmetic.replace('x', '×')} =</i> " if step.arithmetic else ""
    parameters = f"{arithmetic}{count(step.parameters)}" if step.parameters else ""
    cells = (step.name, step.operation, window(step), shape(step.output_shape))
    words = "".join(f"<td>{escape(cell)}</td>" for cell in cells)
    return f"{words}<td class=n>{parameters}</td><td class=n>{count(step.macs) if step.macs else ''}</td>"


def window(step: Step) -> str:
    """Kernel, stride and padding, as far as they say something."""
    if step.kernel is None:
        return ""
    stride = f", stride {pair(step.stride)}" if step.stride not in (None, (1, 1)) else ""
    padding = f", padding {pair(step.padding)}" if step.padding not in (None, (0, 0)) else ""
    return f"{step.kernel[0]} × {step.kernel[1]}{stride}{padding}"


def pair(value: tuple[int, int] | None) -> str:
    """2 for (2, 2), 2 × 1 for (2, 1)."""
    both = value or (1, 1)
    return str(both[0]) if both[0] == both[1] else f"{both[0]} × {both[1]}"


def shape(value: tuple[int, ...]) -> str:
    """The shape of one image: C × H × W, or the length of a vector."""
    return " × ".join(map(count, value[1:]))
