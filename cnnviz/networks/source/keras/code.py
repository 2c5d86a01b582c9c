"""The layers of a Sequential of Keras, or of a plain chain of them, found by walking the statements of its code: names,
numbers, functions that are called, loops and branches whose condition is known are followed; nothing is executed."""

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import takewhile
from typing import Any

from cnnviz.networks.source.keras.expressions import FIRST, LAYOUT, Scope
from cnnviz.networks.source.keras.functional import FUNCTIONAL, Functional, is_functional
from cnnviz.networks.source.keras.kinds import BEFORE, KINDS, Call, NoCounterpartError
from cnnviz.networks.source.keras.values import Flow, Model, Unknown, UnknownError, dotted, last_part, same, shown

MAX_ROUNDS = 100  # of loops, those in one another multiplied
SUBCLASS = (
    "This is a class of Keras with a call of its own; only a Sequential is translated. "
    "In PyTorch it is a class of nn.Module with a forward."
)


@dataclass(frozen=True)
class Code:
    """What a text builds: the layers of its Sequential, None where there is none, and what is to be said of it."""

    layers: list[Call] | None
    notes: tuple[str, ...] = ()


def layers_of(tree: ast.Module, place: Callable[[int], int]) -> Code:
    """The layers of the Sequential in a text; `place` gives the reader's line for one of the tree. Raises
    NoCounterpartError."""
    reader = _Reader(tree, place)
    try:
        reader.statements(tree.body, 0)
        if not reader.networks():
            reader.uncalled()
        return reader.chosen()
    except NoCounterpartError as error:
        raise reader.refusal(error) from None


@dataclass(frozen=True)
class _Function:
    """A function of the text; the first parameter of a method is left out. `makes` says whether it is the __init__ of a
    class that is a Sequential itself."""

    name: str
    parameters: tuple[ast.arg, ...]
    defaults: dict[str, ast.expr]
    body: list[ast.stmt]
    makes: bool = False


class _Reader(Functional):
    """Walks the statements of a text and notes what its Sequentials are given, in their order."""

    def __init__(self, tree: ast.Module, place: Callable[[int], int]):
        super().__init__(place)
        self.functions: dict[str, _Function] = {}
        self.called: set[str] = set()
        self.subclass = False
        self.sites: dict[str, ast.Call] = {}  # the first call of each name
        self.functional = False
        self.times = 1  # how often the loops that are followed repeat what stands in them
        for node in _outside_classes(tree):
            if isinstance(node, ast.Call):
                self.functional = self.functional or is_functional(node)
                self.sites.setdefault(last_part(node.func), node)

    # --- what is said of all of it

    def refusal(self, error: NoCounterpartError) -> NoCounterpartError:
        """Why the text has no network: of a functional model, why it is not read."""
        functional = self.functional and not self.chained
        return (self.unread or NoCounterpartError(FUNCTIONAL)) if functional else error

    def networks(self) -> list[Model]:
        """The models that are no part of another one and do more than prepare pictures, as they stand. A functional one
        is a part where others have its last layer and more behind it."""
        inner = {id(layer) for one in self.models for layer in one.layers[:-1]}
        whole = [one for one in self.models if not (one.within or (one.functional and id(one.layers[-1]) in inner))]
        found = sorted(whole, key=lambda one: one.line)
        return [one for one in found if any(layer.kind not in BEFORE for layer in one.layers)]

    def uncalled(self) -> None:
        """Walks the functions that no statement has called, with what they are called with anywhere else. Raises
        NoCounterpartError where none of them makes a network, and one is refused."""
        refused: NoCounterpartError | None = None
        for name, function in list(self.functions.items()):
            if function.name not in self.called:
                try:
                    self.call(function, self.sites.get(name), 0)
                except UnknownError:
                    continue
                except NoCounterpartError as error:
                    refused = refused or error
        if refused is not None and not self.networks():
            raise refused

    def chosen(self) -> Code:
        """The last of the networks; where there are others, it is said which. Raises NoCounterpartError."""
        found = self.networks() or [one for one in self.models if one.layers and not self.functional]
        if not found:
            if self.subclass and not self.models:
                raise NoCounterpartError(SUBCLASS)
            if self.functional:
                raise self.unread or NoCounterpartError(FUNCTIONAL)
            if self.ready_made is not None and not self.models:
                raise self.ready_made
            return Code([] if self.models else None)
        last = found[-1]
        notes = self.notes
        if any(one.layers != last.layers for one in found):
            others = ", ".join(_told(one) for one in found[:-1][:5])
            notes.append(
                f"Of the {len(found)} models of the text, {_told(last)} is translated; "
                f"paste another one by itself to have it translated: {others}."
            )
        if self.functional and not self.chained:
            notes.append(
                f"Only {_told(last)} is translated, and not the functional model around it, in which layers are called "
                "with what they take."
            )
        return Code(last.layers, tuple(notes))

    # --- statements

    def statements(self, body: list[ast.stmt], depth: int) -> bool:
        """Walks them; whether they end with a return."""
        for statement in body:
            self.step(depth, statement)
            if self.statement(statement, depth + 1):
                return True
        return False

    def statement(self, statement: ast.stmt, depth: int) -> bool:
        """Walks one statement; whether it returns."""
        match statement:
            case ast.Assign(targets=targets, value=value):
                self.watched(ast.Tuple([value], ast.Load()))
                found = self.tried(value, shown(targets[0]), depth)
                for target in targets:
                    self.assign(target, found, depth)
            case ast.AnnAssign(target=target, value=ast.expr() as value):
                self.assign(target, self.tried(value, shown(target), depth), depth)
            case ast.AugAssign(target=ast.Name() | ast.Attribute() as target, op=op, value=value):
                whole = ast.BinOp(ast.copy_location(_read(target), target), op, value)
                self.assign(target, self.tried(ast.copy_location(whole, statement), shown(target), depth), depth)
            case ast.Expr(value=value):
                self.watched(value)
                self.expression(value, depth)
            case ast.Return(value=value):
                self.scopes[-1].returned.append(self.tried(value, "the return", depth) if value else None)
                return True
            case ast.If(test=test, body=body, orelse=orelse):
                return self.choice(statement, test, body, orelse, depth)
            case ast.Match(cases=cases):
                self.branches(statement, [one.body for one in cases], depth)
            case ast.For():
                return self.repeated(statement, depth)
            case ast.While(body=body) | ast.AsyncFor(body=body):
                self.loop(statement, body, depth)
            case ast.With(body=body) | ast.AsyncWith(body=body):
                return self.statements(body, depth)
            case ast.Try(body=body, orelse=orelse, finalbody=after):
                return self.statements([*body, *orelse, *after], depth)
            case ast.FunctionDef():
                self.functions[statement.name] = _function(statement)
            case ast.ClassDef():
                self.class_(statement, depth)
            case ast.ImportFrom(names=names):
                for one in names:
                    if one.asname:
                        self.set(one.asname, Unknown(self.unknown(statement, one.asname, one.asname), one.name))
        return False

    def class_(self, statement: ast.ClassDef, depth: int) -> None:
        """Methods are functions, and a class that is called is its __init__; but not of a layer or model of Keras."""
        if _is_keras_class(statement):
            self.subclass = self.subclass or any(
                last_part(base).endswith(("Model", "Sequential")) for base in statement.bases
            )
            return
        for one in statement.body:
            if isinstance(one, ast.FunctionDef):
                function = _function(one, statement, any(self.kind(base) == "Sequential" for base in statement.bases))
                self.functions[function.name] = function
            elif isinstance(one, ast.Assign) and isinstance(one.targets[0], ast.Name):
                for owner in ("self", "cls", statement.name):
                    self.set(f"{owner}.{one.targets[0].id}", self.tried(one.value, one.targets[0].id, depth))

    def assign(self, target: ast.expr, value: Any, depth: int) -> None:
        """As in any expression; of what is changed in part, nothing is known any more, and a Sequential has a name."""
        if isinstance(target, ast.Subscript):
            self.changed(target.value, "[...]", target)
            return
        if isinstance(value, Model) and not value.name:
            value.name = dotted(target)
        super().assign(target, value, depth)

    def choice(
        self, statement: ast.stmt, test: ast.expr, body: list[ast.stmt], orelse: list[ast.stmt], depth: int
    ) -> bool:
        try:
            found = self.value(test, "the condition", depth)
        except UnknownError:
            self.branches(statement, [body, orelse], depth)
            return False
        if isinstance(found, Model | Call | Flow):
            found = True
        return self.statements(body if found else orelse, depth)

    def branches(self, statement: ast.stmt, bodies: list[list[ast.stmt]], depth: int) -> None:
        """Branches of which one is taken that is not known: of names that they set differently nothing is known."""
        names = set(_set_in(statement))
        before = {name: self.get(name) for name in names if self.has(name)}
        ends = []
        self.around.append(statement)
        for body in bodies:
            self.statements(body, depth)
            ends.append({name: self.get(name) for name in names if self.has(name)})
            for name in names:
                self.set(name, before.get(name, Unknown(self.unknown(statement, name, "set in a branch alone"))))
        self.around.pop()
        for name in names:
            found = [end.get(name) for end in ends]
            why = UnknownError(
                f"Line {self.line(statement)}: {name[:40]} depends on a condition that does not follow from the text; "
                "leave out the branch that is not taken."
            )
            alike = all(name in end for end in ends) and all(same(one, found[0]) for one in found)
            self.set(name, found[0] if alike else Unknown(why))

    def repeated(self, statement: ast.For, depth: int) -> bool:
        """A loop over what follows from the text, round by round, if that may make layers; whether it returns."""
        row = self.rounds(statement, depth)
        if row is None:
            self.loop(statement, statement.body, depth)
            return False
        self.times *= max(len(row), 1)
        try:
            for one in row:
                self.assign(statement.target, one, depth)
                if self.statements(statement.body, depth):
                    return True
        finally:
            self.times //= max(len(row), 1)
        return self.statements(statement.orelse, depth)

    def rounds(self, statement: ast.For, depth: int) -> tuple[Any, ...] | None:
        """What a loop goes over; None where that does not follow, ends early or is no matter of layers."""
        nodes = [node for one in statement.body for node in ast.walk(one)]
        try:
            row = self.value(statement.iter, "the row", depth)
        except UnknownError:
            return None
        if not isinstance(row, tuple | list) or self.times * len(row) > MAX_ROUNDS:
            return None
        if any(isinstance(node, ast.Break | ast.Continue) for node in nodes):
            return None
        makes = any(isinstance(node, ast.Call) and self.may_make(node) for node in nodes)
        return tuple(row) if makes or any(isinstance(one, Call | Model) for one in row) else None

    def may_make(self, call: ast.Call) -> bool:
        """Whether a call makes a layer, or gives it to something."""
        word = last_part(call.func)
        return word in ("add", "append", "extend") or word in self.functions or self.kind(call.func) in KINDS

    def loop(self, statement: ast.stmt, body: list[ast.stmt], depth: int) -> None:
        """The statements of another loop once; what it sets again and again is not known. Layers of a Sequential that
        is made before it are not added in it."""
        for name in set(_set_in(statement)):
            why = f"Line {self.line(statement)}: {name[:40]} is set in a loop, which is not read; write the layers out."
            self.set(name, Unknown(UnknownError(why)))
        self.around.append(statement)
        self.statements(body, depth)
        self.around.pop()

    def expression(self, value: ast.expr, depth: int) -> None:
        """model.add(layer), model.pop(), a function of the text, or a Sequential that is given no name."""
        if not isinstance(value, ast.Call):
            return
        name = last_part(value.func)
        if name in ("set_image_data_format", "set_image_dim_ordering") and value.args:
            self.set_layout(value, depth)
            return
        if isinstance(value.func, ast.Attribute) and value.func.attr == "__init__":
            if isinstance(model := self.owner(ast.Name("self")), Model):
                self.begin(model, value, depth)
            return
        if isinstance(value.func, ast.Attribute) and self.on(value.func, value, depth):
            return
        if self.is_sequential(value) or name in self.functions:
            self.tried(value, "the model", depth)

    def set_layout(self, call: ast.Call, depth: int) -> None:
        """K.set_image_data_format('channels_first'), of what is made below. Raises NoCounterpartError where it may be
        set or not."""
        first = self.tried(call.args[0], "the order", depth) in FIRST.values()
        if first and self.around:
            raise NoCounterpartError(
                f"Line {self.line(call)}: {shown(call)} stands in a branch or loop, and whether it is run does not "
                "follow from the text; write it without one, or leave it out."
            )
        self.layout = {**(FIRST if first else LAYOUT)}

    # --- functions

    def is_own(self, name: str) -> bool:
        return name in self.functions

    def call(self, function: _Function, call: ast.Call | None, depth: int) -> Any:
        """What a function of the text returns. Raises UnknownError where that does not follow."""
        self.called.add(function.name)
        scope = Scope()
        for name, expression in function.defaults.items():
            scope.values[name] = self.tried(expression, name, depth + 1)
        if call is not None:
            single = takewhile(lambda one: not isinstance(one, ast.Starred), call.args)
            placed = zip((one.arg for one in function.parameters), single, strict=False)
            for name, expression in [*placed, *((one.arg or "", one.value) for one in call.keywords)]:
                scope.values[name] = self.tried(expression, name, depth + 1)
        for one in function.parameters:
            if one.arg not in scope.values:
                scope.values[one.arg] = Unknown(
                    UnknownError(
                        f"Line {self.line(one)}: {one.arg[:40]} is given no value in the text; "
                        f"write {one.arg[:40]}=... with the number itself."
                    )
                )
        if function.makes:
            scope.values["self"] = Model(self.line(call or function.body[0]), len(self.around), function.name)
            self.models.append(scope.values["self"])
        self.scopes.append(scope)
        try:
            self.statements(function.body, depth + 1)
        finally:
            self.scopes.pop()
        if function.makes:
            return scope.values["self"]
        if not scope.returned:
            return None
        if any(not same(one, scope.returned[0]) for one in scope.returned):
            raise UnknownError(f"{function.name[:40]} returns one of several values, of which the text names no one.")
        if isinstance(scope.returned[0], Unknown):
            raise scope.returned[0].why
        return scope.returned[0]

    def result(self, call: ast.Call, name: str, depth: int) -> Any:
        """What a call gives: a Sequential, what a function of the text returns, a layer or a number."""
        word = last_part(call.func)
        if self.is_sequential(call):
            return self.sequential(call, depth + 1)
        if (found := self.flow(call, depth + 1)) is not None:
            return found
        of_model = isinstance(call.func, ast.Attribute) and isinstance(self.owner(call.func.value), Model)
        if word in self.functions and not of_model:
            return self.call(self.functions[word], call, depth + 1)
        return super().result(call, name, depth)


def _function(statement: ast.FunctionDef, owner: ast.ClassDef | None = None, sequential: bool = False) -> _Function:
    """A function, or a method of a class; that of __init__ has the name of its class."""
    given = statement.args
    placed = [*given.posonlyargs, *given.args]
    defaults = dict(zip([one.arg for one in reversed(placed)], reversed(given.defaults), strict=False))
    named = zip(given.kwonlyargs, given.kw_defaults, strict=True)
    defaults.update({one.arg: value for one, value in named if value is not None})
    static = owner is None or any(last_part(one) == "staticmethod" for one in statement.decorator_list)
    name = owner.name if owner is not None and statement.name == "__init__" else statement.name
    parameters = (*placed[0 if static else 1 :], *given.kwonlyargs)
    return _Function(name, parameters, defaults, statement.body, sequential and statement.name == "__init__")


def _is_keras_class(node: ast.AST) -> bool:
    """Whether it is a class of a layer or model of Keras, with a call of its own."""
    if not isinstance(node, ast.ClassDef):
        return False
    calls = any(isinstance(one, ast.FunctionDef) and one.name == "call" for one in node.body)
    ends = ("Model", "Layer", "Callback", "Sequence", *(("Sequential",) if calls else ()))
    return any(last_part(base).endswith(ends) for base in node.bases)


def _outside_classes(tree: ast.Module) -> Iterator[ast.AST]:
    """All nodes, but not those of classes of Keras."""
    waiting: list[ast.AST] = [tree]
    while waiting:
        node = waiting.pop()
        yield node
        if not _is_keras_class(node):
            waiting += reversed(list(ast.iter_child_nodes(node)))


def _set_in(statement: ast.stmt) -> Iterator[str]:
    """The names that are set anywhere in a statement."""
    for node in ast.walk(statement):
        if isinstance(node, ast.Name | ast.Attribute) and isinstance(node.ctx, ast.Store) and dotted(node):
            yield dotted(node)


def _read(target: ast.Name | ast.Attribute) -> ast.expr:
    """A name that is set, as one that is read."""
    if isinstance(target, ast.Name):
        return ast.Name(target.id, ast.Load())
    return ast.Attribute(target.value, target.attr, ast.Load())


def _told(model: Model) -> str:
    return f"{model.name[:40]} of line {model.line}" if model.name else f"the one of line {model.line}"
