"""An argument of a layer by the name that a layer beside it gives for its own: stride=stride, where the block is told
its stride, so that each block of the class has the one that it is told."""

import ast
from collections.abc import Iterator

from cnnviz.networks.source import Source
from cnnviz.tracing.places import MAX_CALLS, Piece, appended, argument_of, functions_around, parameters, span, word_of

BY_NAME = ("stride", "padding", "kernel_size", "dilation", "groups")  # arguments that blocks are told


def named_as_beside(source: Source, call: ast.Call, attribute: str) -> Iterator[list[Piece]]:
    """The pieces that write such a name, where the layer is given a number or nothing."""
    given = argument_of(call, attribute, _order(source, call))
    if attribute not in BY_NAME or not (given is None or isinstance(given, ast.Constant)):
        return
    for name in _names(source, call, attribute)[:MAX_CALLS]:
        if given is not None:
            yield [(*span(source, given), name)]
        else:
            yield appended(source, call, f"{attribute}={name}")


def _names(source: Source, call: ast.Call, attribute: str) -> list[str]:
    """What the layers that the same function builds, itself or by another, are given for it, where that is a name."""
    found: dict[str, None] = {}
    for _, function in list(functions_around(source, call))[-1:]:
        for one in ast.walk(function):
            if isinstance(one, ast.Call) and one is not call:
                value = argument_of(one, attribute, _order(source, one))
                if isinstance(value, ast.Name | ast.Attribute):
                    found[ast.unparse(value)] = None
    return list(found)


def _order(source: Source, call: ast.Call) -> list[str]:
    """The parameters of what is called, a layer of torch.nn or a function of the text, by their order."""
    word = word_of(call)
    own = (one for one in ast.walk(source.cleaned.tree) if isinstance(one, ast.FunctionDef) and one.name == word)
    function = next(own, None)
    return parameters(call) if function is None else [one.arg for one in function.args.args if one.arg != "self"]
