"""A table as HTML, for what is read and not edited: it scrolls sideways by itself, also by keys."""

from collections.abc import Collection, Sequence
from html import escape

STYLE = """<style>
.cnnviz-table { overflow-x: auto; font-size: 0.9rem; font-variant-numeric: tabular-nums; }
.cnnviz-table table { border-collapse: collapse; width: 100%; }
.cnnviz-table th { text-align: left; font-weight: 600; opacity: 0.75; vertical-align: bottom; }
.cnnviz-table th, .cnnviz-table td { padding: 7px 14px 7px 0; }
.cnnviz-table td { vertical-align: top; }
.cnnviz-table:not(.dense) td:first-child { min-width: 6.5em; } /* LeNet-5 is one word */
.cnnviz-table:not(.dense) td:last-child:not(.n) { min-width: 190px; } /* a sentence, on a phone */
.cnnviz-table .n { text-align: right; white-space: nowrap; }
.cnnviz-table tr { border-bottom: 1px solid color-mix(in srgb, currentColor 14%, transparent); }
.cnnviz-table tr.marked { background: color-mix(in srgb, #E69F00 16%, transparent); }
.cnnviz-table i { font-style: normal; opacity: 0.65; }
.cnnviz-table.dense :is(th, td) { padding: 4px 0 4px 8px; }
.cnnviz-table.dense :is(th, td):first-child { padding-left: 0; }
.cnnviz-table.dense th { white-space: normal; line-height: 1.25; }
.cnnviz-table.dense td { white-space: nowrap; }
@media (max-width: 640px) {
  .cnnviz-table.dense { font-size: 0.84rem; }
  .cnnviz-table.dense :is(th, td) { padding-left: 7px; }
  .cnnviz-table.dense :is(th, td):first-child { padding-left: 0; }
  .cnnviz-table .wide { display: none; }
}
</style>"""


class Markup(str):
    """A cell that is HTML already."""


def table(
    name: str,
    head: Sequence[str],
    rows: Sequence[Sequence[str]],
    numbers: Collection[int] = (),
    *,
    dense: bool = False,
    wide: Collection[int] = (),
    marked: int | None = None,
) -> str:
    """Rows of texts under a head; `name` is said to a screen reader, the columns in `numbers` stand to the right.

    `dense` is for many columns of short cells; those in `wide` are left out on a phone. Row `marked` has a background.
    """

    def cell(tag: str, at: int, text: str) -> str:
        kinds = " ".join(kind for kind, columns in (("n", numbers), ("wide", wide)) if at in columns)
        opening = f"{tag} class='{kinds}'" if " " in kinds else f"{tag} class={kinds}" if kinds else tag
        return f"<{opening}>{text if isinstance(text, Markup) else escape(text)}</{tag}>"

    def line(tag: str, cells: Sequence[str], opening: str = "<tr>") -> str:
        return opening + "".join(cell(tag, at, text) for at, text in enumerate(cells)) + "</tr>"

    body = "".join(line("td", row, "<tr class=marked>" if at == marked else "<tr>") for at, row in enumerate(rows))
    inner = f"<table><thead>{line('th', head)}</thead><tbody>{body}</tbody></table>"
    kind = '"cnnviz-table dense"' if dense else "cnnviz-table"
    return f"{STYLE}<div class={kind} tabindex=0 role=region aria-label='{escape(name)}'>{inner}</div>"
