"""A table as HTML, for what is read and not edited: it scrolls sideways by itself, also by keys."""

from collections.abc import Sequence
from html import escape

STYLE = """<style>
.cnnviz-table { overflow-x: auto; font-size: 0.9rem; font-variant-numeric: tabular-nums; }
.cnnviz-table table { border-collapse: collapse; width: 100%; }
.cnnviz-table th { text-align: left; font-weight: 600; opacity: 0.75; vertical-align: bottom; }
.cnnviz-table th, .cnnviz-table td { padding: 7px 14px 7px 0; }
.cnnviz-table td { vertical-align: top; }
.cnnviz-table td:first-child { min-width: 6.5em; } /* LeNet-5 is one word */
.cnnviz-table td:last-child:not(.n) { min-width: 190px; } /* a sentence, on a phone */
.cnnviz-table .n { text-align: right; white-space: nowrap; }
.cnnviz-table tr { border-bottom: 1px solid color-mix(in srgb, currentColor 14%, transparent); }
</style>"""


def table(name: str, head: Sequence[str], rows: Sequence[Sequence[str]], numbers: Sequence[int] = ()) -> str:
    """Rows of texts under a head; `name` is said to a screen reader, the columns in `numbers` stand to the right."""

    def line(tag: str, cells: Sequence[str]) -> str:
        kinds = (f"{tag} class=n" if at in numbers else tag for at in range(len(cells)))
        return "<tr>" + "".join(f"<{kind}>{escape(cell)}</{tag}>" for kind, cell in zip(kinds, cells)) + "</tr>"

    body = "".join(line("td", row) for row in rows)
    inner = f"<table><thead>{line('th', head)}</thead><tbody>{body}</tbody></table>"
    return f"{STYLE}<div class=cnnviz-table tabindex=0 role=region aria-label='{escape(name)}'>{inner}</div>"
