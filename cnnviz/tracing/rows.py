"""Where a layer stands in a row of layers in a text, and another one before it: in the arguments of a Sequential or in
a list, in an OrderedDict by its name, or in a statement that adds it."""

import ast
from collections.abc import Iterator

from cnnviz.networks.source import Source
from cnnviz.tracing.places import Piece, span, word_of


def inserted(source: Source, call: ast.Call, layer: str) -> Iterator[list[Piece]]:
    """The piece that writes a layer before the one that a call builds."""
    if stands_in_a_row(source, call):
        start, _ = span(source, call)
        yield [(start, start, f"{layer}{_separator(source, start)}")]
        return
    for node in ast.walk(source.cleaned.tree):
        match node:
            case ast.Tuple(elts=[ast.Constant(value=str()), given]) if given is call:
                start, _ = span(source, node)
                yield [(start, start, f"({_name(source, layer)}, {layer}){_separator(source, start)}")]
            case ast.Expr(value=ast.Call(func=ast.Attribute() as adding, args=[*before, given])) if given is call:
                start, text = span(source, node)[0], source.cleaned.own
                indent = text[text.rfind("\n", 0, start) + 1 : start]
                named = f"{_name(source, layer)}, " if before else ""
                if adding.attr in ("append", "add_module") and not indent.strip():
                    yield [(start, start, f"{ast.unparse(adding)}({named}{layer})\n{indent}")]


def _name(source: Source, layer: str) -> str:
    """A name for a layer that the text has not, with its quotes: 'flatten', 'flatten_2'."""
    word = layer.partition("(")[0].rpartition(".")[2].lower()
    taken = {one.value for one in ast.walk(source.cleaned.tree) if isinstance(one, ast.Constant)}
    number = 1
    while (name := word if number == 1 else f"{word}_{number}") in taken:
        number += 1
    return repr(name)


def stands_in_a_row(source: Source, call: ast.Call) -> bool:
    """Whether a call is one of the arguments of an nn.Sequential or of a Residual, or of a list."""
    for node in ast.walk(source.cleaned.tree):
        if isinstance(node, ast.Call) and word_of(node) in ("Sequential", "Residual") and call in node.args:
            return True
        if isinstance(node, ast.List) and call in node.elts:
            return True
    return False


def _separator(source: Source, start: int) -> str:
    """What stands between two layers: a comma, and a new line where each has its own."""
    text = source.cleaned.own
    line = text[text.rfind("\n", 0, start) + 1 : start]
    return f",\n{line}" if not line.strip() and line else ", "
