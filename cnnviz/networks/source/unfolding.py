"""A script that makes its network within main(): the lines of that function are taken as if they stood at the top,
where one that is not read is passed over by itself, and where what they make has a name."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Sequence
from copy import copy

_PARTS = (ast.If, ast.With, ast.Try)
_AS_A_SCRIPT = "__name__ == '__main__'"
_ENDING = ("exit", "_exit")  # sys.exit(main())
_SUSPENDED = (ast.Yield, ast.YieldFrom, ast.Await)


def unfolded(tree: ast.Module) -> ast.Module:
    """The tree with the lines of such functions in place of the calls that stand for themselves, as main() does, and
    with those of if __name__ == "__main__" in its place. Each function is entered once, by the first such call. The
    tree that is given stays as it is."""
    return ast.Module(_Unfolding(tree).lines(tree.body), tree.type_ignores)


class _Unfolding:
    def __init__(self, tree: ast.Module) -> None:
        self.functions = {one.name: one for one in tree.body if isinstance(one, ast.FunctionDef)}
        self.classes = {one.name for one in tree.body if isinstance(one, ast.ClassDef) and one.bases}
        defined = (one.name for one in tree.body if isinstance(one, ast.ClassDef | ast.FunctionDef))
        self.taken = {*defined, *_at_top(tree)}
        self.looked_at: set[str] = set()  # functions that a call has been seen of
        self.making: dict[str, bool] = {}  # whether a function makes a network

    def lines(self, body: Iterable[ast.stmt]) -> list[ast.stmt]:
        """The statements, with those of the functions that they enter."""
        return [further for one in body for further in self._line(one)]

    def _line(self, statement: ast.stmt) -> list[ast.stmt]:
        if isinstance(statement, ast.If) and ast.unparse(statement.test) == _AS_A_SCRIPT:
            return self.lines(statement.body)
        if isinstance(statement, _PARTS):
            changed = copy(statement)
            for part in ("body", "orelse", "finalbody"):
                if inner := getattr(statement, part, None):
                    setattr(changed, part, self.lines(inner))
            return [changed]
        call = _entering(statement)
        function = self.functions.get(call.func.id) if call and isinstance(call.func, ast.Name) else None
        if call is None or function is None or function.name in self.looked_at:
            return [statement]
        self.looked_at.add(function.name)
        given = _bound(function, call)
        if given is None or not self._is_entered(function, given):
            return [statement]
        return given + self.lines(_whole(function.body))

    def _is_entered(self, function: ast.FunctionDef, given: list[ast.stmt]) -> bool:
        """Whether the function makes a network, and its own names are no others' at the top."""
        arguments = function.args
        if arguments.vararg or arguments.kwarg or any(isinstance(one, _SUSPENDED) for one in ast.walk(function)):
            return False
        own = {name for one in (*given, *function.body) for name in _given(one)}
        return own.isdisjoint(self.taken) and self._makes(function)

    def _makes(self, function: ast.FunctionDef) -> bool:
        """Whether a function, or one that it calls, makes something of a class of the text, or a row of layers."""
        if function.name not in self.making:
            self.making[function.name] = False  # as long as it is looked at
            self.making[function.name] = any(map(self._makes_by, ast.walk(function)))
        return self.making[function.name]

    def _makes_by(self, node: ast.AST) -> bool:
        if not isinstance(node, ast.Call):
            return False
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        inner = self.functions.get(name)
        return name in self.classes or name == "Sequential" or (inner is not None and self._makes(inner))


def _entering(statement: ast.stmt) -> ast.Call | None:
    """The call that a statement is, main() or sys.exit(main()); None for any other."""
    match statement:
        case ast.Expr(
            value=ast.Call(func=ast.Attribute(attr=name) | ast.Name(id=name), args=[ast.Call() as inner])
        ) if name in _ENDING:
            return inner
        case ast.Expr(value=ast.Call() as call):
            return call
    return None


def _bound(function: ast.FunctionDef, call: ast.Call) -> list[ast.stmt] | None:
    """What gives the function's parameters their values; None where that is not seen from the call."""
    if any(isinstance(one, ast.Starred) for one in call.args) or any(one.arg is None for one in call.keywords):
        return None
    arguments = function.args
    places = [*arguments.posonlyargs, *arguments.args]
    defaults = zip(places[len(places) - len(arguments.defaults) :], arguments.defaults, strict=True)
    values = {one.arg: value for one, value in defaults}
    values |= {one.arg: value for one, value in zip(arguments.kwonlyargs, arguments.kw_defaults) if value is not None}
    values |= {one.arg: value for one, value in zip(places, call.args)}
    values |= {one.arg: one.value for one in call.keywords if one.arg}
    return [
        ast.copy_location(ast.Assign([ast.copy_location(ast.Name(name, ast.Store()), call)], value), call)
        for name, value in values.items()
        if not (isinstance(value, ast.Name) and value.id == name)
    ]


def _whole(body: Sequence[ast.stmt]) -> list[ast.stmt]:
    """The statements of a function without its docstring, and as far as it goes: what comes behind a return in an if
    is its else."""
    found: list[ast.stmt] = []
    for index, one in enumerate(body):
        match one:
            case ast.Return():
                return found
            case ast.Global() | ast.Nonlocal() | ast.Expr(value=ast.Constant()):
                continue
            case ast.If(body=[*_, ast.Return()]):
                changed = copy(one)
                changed.body, changed.orelse = (
                    _whole(one.body) or [_nothing(one)],
                    _whole([*one.orelse, *body[index + 1 :]]),
                )
                return [*found, changed]
        found.append(one)
    return found


def _nothing(at: ast.stmt) -> ast.stmt:
    return ast.copy_location(ast.Pass(), at)


def _given(statement: ast.stmt) -> Iterator[str]:
    """The names that a statement, or one within it, gives."""
    for node in ast.walk(statement):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id


def _at_top(tree: ast.Module) -> Iterator[str]:
    """The names that the top gives beside its functions and classes."""
    for one in tree.body:
        if not isinstance(one, ast.FunctionDef | ast.ClassDef):
            yield from _given(one)
