"""Code to read and to copy, its names in the colours of the stage: x is the input here and there.

Streamlit's own (st.code, fenced Markdown) brings a highlighter for 300 languages to the browser and sets it up for all
of them each time that a page opens (docs/bench-opening.md).
"""

import io
import keyword
import tokenize
from collections.abc import Iterator
from itertools import accumulate

from cnnviz.ui.core import assets, component

ASSETS = assets.read(__file__)
ROLES = {"x": "input", "w": "kernel", "b": "bias", "y": "output", "y2": "output"}  # as a lesson's text.py names them


def code(text: str, key: str, python: bool = True) -> None:
    """Draw `text`; `python` marks its keywords, comments, strings and the names of the stage."""
    component.mount(ASSETS, key=key, data={"parts": parts(text) if python else [["", text]]})


def parts(script: str) -> list[list[str]]:
    """Python as [kind, text] in its order, nothing left out; kinds are "keyword", "comment", "string", those of ROLES
    and "" for all else. Raises tokenize.TokenError or SyntaxError for what is no Python."""
    starts = [0, *accumulate(map(len, io.StringIO(script)))]  # of each line; parted as the tokenizer parts them
    found, at = [], 0
    for kind, start, end in _marked(script):
        begin, stop = starts[start[0] - 1] + start[1], starts[end[0] - 1] + end[1]
        found += [["", script[at:begin]], [kind, script[begin:stop]]]
        at = stop
    return [part for part in [*found, ["", script[at:]]] if part[1]]


def _marked(script: str) -> Iterator[tuple[str, tuple[int, int], tuple[int, int]]]:
    """Each token that gets a look of its own, with where it begins and ends: (row from 1, column from 0)."""
    before = ""
    for token in tokenize.generate_tokens(io.StringIO(script).readline):
        kind = {tokenize.COMMENT: "comment", tokenize.STRING: "string"}.get(token.type, "")
        if token.type == tokenize.NAME and before != ".":
            kind = "keyword" if keyword.iskeyword(token.string) else ROLES.get(token.string, "")
        if kind:
            yield kind, token.start, token.end
        before = token.string
