"""The calls of a function, a method or a layer in a text by their turn, so that the third is tried first for max_3."""

import ast

from cnnviz.networks.source import Source
from cnnviz.tracing.places import MAX_CALLS, Piece, appended, span, word_of


def calls_in_turn(source: Source, step: str) -> list[ast.Call]:
    """The calls by the word of that step: that of its number first, then the others in their order; those of the class
    that the step belongs to before all others."""
    scope, _, name = step.rpartition(".")
    word = name.rstrip("0123456789").rstrip("_") if name[-1:].isdigit() and "_" in name else name
    number = int(name[len(word) + 1 :]) - 1 if name[len(word) + 1 :].isdigit() else 0
    found = [one for one in ast.walk(source.cleaned.tree) if isinstance(one, ast.Call) and word_of(one) in (word, name)]
    found.sort(key=lambda one: (one.end_lineno or 0, one.end_col_offset or 0))
    own = _class_of(source, scope)
    inner = {id(one) for one in ast.walk(own)} if own is not None else set[int]()
    found.sort(key=lambda one: id(one) not in inner)
    if number < len(found):
        found = [found[number], *found[:number], *found[number + 1 :]]
    return found[:MAX_CALLS]


def _class_of(source: Source, scope: str) -> ast.ClassDef | None:
    """The class in the text of the block at that path."""
    block = dict(source.weightless().named_modules()).get(scope)
    classes = [one for one in ast.walk(source.cleaned.tree) if isinstance(one, ast.ClassDef)]
    return next((one for one in classes if one.name == type(block).__name__), None)


def with_keyword(source: Source, call: ast.Call, name: str, written: str) -> list[Piece]:
    """Another value of an argument that is given by its name: where it stands, or behind the last one."""
    found = next((one.value for one in call.keywords if one.arg == name), None)
    return [(*span(source, found), written)] if found is not None else appended(source, call, f"{name}={written}")
