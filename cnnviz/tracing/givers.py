"""Where the text gives a layer one of its arguments from further out: the call of the class or the function that builds
the layer, and so on outwards; and a default, where no call gives it."""

import ast
from collections.abc import Iterator, Sequence
from typing import Any

from torch import nn

from cnnviz.networks.source import Source
from cnnviz.tracing.edits import Given, Side
from cnnviz.tracing.places import (
    MAX_CALLS,
    Piece,
    appended,
    argument_of,
    constructor_of,
    functions_around,
    literal,
    parameters,
    span,
    word_of,
)
from cnnviz.tracing.steps import around

MAX_DEPTH = 4  # functions around a layer that are followed outwards
SIDES = ("img_size", "image_size", "input_size", "img_dim", "image_dim", "im_size", "size", "side", "resolution")


def given_further_out(source: Source, edit: Given) -> Iterator[list[Piece]]:
    """The pieces that give the value where the module at `block` is built, the call before the default."""
    call = constructor_of(source, edit.path)
    if call is None:
        return
    given = argument_of(call, edit.attribute, parameters(call))
    yield from _Outwards(source, edit, dict(source.weightless().named_modules())).of(edit.path, call, given, 0)


def keywords_handed_on(source: Source, path: str, attribute: str, value: Any) -> Iterator[list[Piece]]:
    """The pieces that give the value to the block around the layer, which hands its further keywords on to that."""
    call = constructor_of(source, path)
    if call is None or argument_of(call, attribute, parameters(call)) is not None:
        return
    if any(one.arg is None for one in call.keywords):
        for block in list(around(path))[-2::-1]:
            yield from given_further_out(source, Given(path, attribute, value, block))


class _Outwards:
    """The search for one edit."""

    def __init__(self, source: Source, edit: Given, modules: dict[str, nn.Module]):
        self.source, self.edit, self.modules = source, edit, modules

    def of(self, path: str, call: ast.Call, given: ast.expr | None, depth: int) -> Iterator[list[Piece]]:
        """Where what a call gives comes from, of the module at `path`, which is built on its way."""
        found = list(functions_around(self.source, call))
        if not found or depth == MAX_DEPTH:
            return
        word, function = found[-1]  # the innermost
        names = [one.arg for one in (*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs)]
        if given is None and _hands_on(call, function):
            parts = [self.edit.attribute]
        else:
            parts = [one for one in _sources_of(given, function) if one in names]
        for scope, caller in self._callers(path, word, function):
            for name in parts:
                yield from self._at(scope, caller, name, function, depth)

    def _at(
        self, scope: str, caller: ast.Call | None, name: str, function: ast.FunctionDef, depth: int
    ) -> Iterator[list[Piece]]:
        """The value of that parameter in one call, and where that comes from in its turn."""
        arguments = function.args
        order = [one.arg for one in (*arguments.posonlyargs, *arguments.args)]
        order = order[1:] if order[:1] == ["self"] else order
        default = _default(function, name)
        given = argument_of(caller, name, order) if caller is not None else None
        if scope == self.edit.block:
            if caller is not None and given is not None:
                yield self._written(caller, given, default)
            elif caller is not None:
                yield appended(self.source, caller, f"{name}={literal(self.edit.value)}")
            elif default is not None:
                yield [(*span(self.source, default), literal(self.edit.value))]
        if caller is not None and given is not None:
            yield from self.of(scope, caller, given, depth + 1)

    def _written(self, caller: ast.Call, given: ast.expr, default: ast.expr | None) -> list[Piece]:
        """The value in place of what is given; no argument where it is the default and stands last."""
        start, end = span(self.source, given)
        is_default = isinstance(default, ast.Constant) and default.value == self.edit.value
        if is_default and len(caller.args) > 1 and not caller.keywords and caller.args[-1] is given:
            return [(span(self.source, caller.args[-2])[1], end, "")]
        return [(start, end, literal(self.edit.value))]

    def _callers(self, path: str, word: str, function: ast.FunctionDef) -> Iterator[tuple[str, ast.Call | None]]:
        """The calls of a function on the way to the module at `path`, each with the module that it builds. Of a class
        that is the module around; a network that no call builds has none."""
        if function.name != "__init__":
            calls = [one for one in ast.walk(self.source.cleaned.tree) if isinstance(one, ast.Call)]
            yield from [(path, one) for one in calls if word_of(one) == word][:MAX_CALLS]
            return
        scopes = ["", *around(path)][:-1] if path else []
        for scope in reversed(scopes):
            if type(self.modules.get(scope)).__name__ == word:
                call = constructor_of(self.source, scope)
                calls_it = call is not None and (scope or word_of(call) == word)
                yield scope, call if calls_it else None
                return


def _hands_on(call: ast.Call, function: ast.FunctionDef) -> bool:
    """Whether a call is given the further keywords of the function around it."""
    more = function.args.kwarg
    return more is not None and any(
        one.arg is None and isinstance(one.value, ast.Name) and one.value.id == more.arg for one in call.keywords
    )


def _sources_of(given: ast.expr | None, function: ast.FunctionDef, depth: int = 0) -> list[str]:
    """The names that a value is, as it stands or under another name: those of a choice are several."""
    if isinstance(given, ast.IfExp):
        return [*_sources_of(given.body, function, depth), *_sources_of(given.orelse, function, depth)]
    if given is None or not isinstance(given, ast.Name | ast.Attribute) or depth == MAX_DEPTH:
        return []
    written = ast.unparse(given)
    assigned = [one.value for one in ast.walk(function) if isinstance(one, ast.Assign) and written in _targets(one)]
    found = [name for value in assigned for name in _sources_of(value, function, depth + 1)]
    return [*([given.id] if isinstance(given, ast.Name) else []), *found]


def _targets(assign: ast.Assign) -> list[str]:
    return [ast.unparse(one) for one in assign.targets if isinstance(one, ast.Name | ast.Attribute)]


def _default(function: ast.FunctionDef, name: str) -> ast.expr | None:
    """What a parameter is where it is not given."""
    arguments = function.args
    ordered = [*arguments.posonlyargs, *arguments.args]
    pairs: Sequence[tuple[ast.arg, ast.expr | None]] = [
        *zip(ordered[len(ordered) - len(arguments.defaults) :], arguments.defaults, strict=True),
        *zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True),
    ]
    return next((value for one, value in pairs if one.arg == name), None)


def sides_given(source: Source, edit: Side) -> Iterator[list[Piece]]:
    """The pieces that give the side to the network: in the call that builds it, then as a default of its class."""
    kind = type(source.weightless()).__name__
    found = [one for one in ast.walk(source.cleaned.tree) if isinstance(one, ast.ClassDef) and one.name == kind]
    methods = [one for owner in found for one in owner.body if isinstance(one, ast.FunctionDef)]
    init = next((one for one in methods if one.name == "__init__"), None)
    call = constructor_of(source, "")
    if init is None:
        return
    for name in (one.arg for one in (*init.args.args, *init.args.kwonlyargs) if one.arg in SIDES):
        order = [one.arg for one in init.args.args][1:]
        given = argument_of(call, name, order) if call is not None and word_of(call) == kind else None
        value = given if given is not None else _default(init, name)
        if isinstance(value, ast.Constant):
            yield [(*span(source, value), literal(edit.value))]
