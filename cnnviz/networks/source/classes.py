"""Functions and classes of a text: how they are defined, and what is made of them."""

from __future__ import annotations

import ast
import difflib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeGuard

from torch import nn

from cnnviz.networks.notation.parser import NotationError
from cnnviz.networks.source import bounds, calls, enums, plain, raws, records, specials, tables
from cnnviz.networks.source.values import (
    Class,
    Created,
    Function,
    Instance,
    Known,
    Method,
    Opaque,
    Scope,
    Super,
    Table,
    Unknown,
    Unread,
    row,
)

if TYPE_CHECKING:
    from cnnviz.networks.source.interpreter import Interpreter

_KINDS = {name: name for name in ("staticmethod", "classmethod", "property")} | {"cached_property": "cached"}
_IGNORED = frozenset(  # decorators that change no number
    tables.words(
        """
    no_grad inference_mode enable_grad override autocast abstractmethod abstractproperty final overload ignore
    script script_if_tracing script_method wraps lru_cache cache rank_zero_only total_ordering runtime_checkable
    """
    )
)


def function(interpreter: Interpreter, node: ast.FunctionDef | ast.Lambda, scope: Scope) -> Function:
    """A function of the text, its defaults evaluated once, as Python does."""
    parameters = node.args
    positional = [*parameters.posonlyargs, *parameters.args]
    defaults = {
        one.arg: _default(interpreter, value, scope)
        for one, value in zip(positional[len(positional) - len(parameters.defaults) :], parameters.defaults)
    }
    for one, value in zip(parameters.kwonlyargs, parameters.kw_defaults, strict=True):
        if value is not None:
            defaults[one.arg] = _default(interpreter, value, scope)
    if isinstance(node, ast.Lambda):
        return Function("lambda", node, scope, defaults)
    found = Function(node.name, node, scope, defaults)
    for decorator in reversed(node.decorator_list):
        found = _decorated(interpreter, found, decorator, scope)
    return found


def _default(interpreter: Interpreter, node: ast.expr, scope: Scope) -> Any:
    """The value; of what is not read one that is refused where it is used."""
    try:
        return interpreter.value(node, scope)
    except Unread as error:
        return error.unknown
    except NotationError as error:
        if "NameError" not in error.raised:
            raise
        return Unknown(error.reason, error.line)


def _decorated(interpreter: Interpreter, found: Function, decorator: ast.expr, scope: Scope) -> Function:
    """The function under a decorator that says what kind of member it is, or that changes no number."""
    if isinstance(decorator, ast.Attribute) and decorator.attr in ("setter", "getter", "deleter"):
        before = interpreter.value(decorator.value, scope)
        if isinstance(before, Function) and before.kind == "property":
            return replace(before, setter=found) if decorator.attr == "setter" else before
    if _registers(decorator) and _own_decorator(interpreter, decorator, scope) is None:
        return found
    try:
        word = interpreter.value(decorator, scope)
    except Unread:
        interpreter.undecorated.append(decorator)
        return found
    name = word.name if isinstance(word, Opaque | Known) else ""
    if name in _KINDS:
        return replace(found, kind=_KINDS[name])
    if isinstance(word, Function):  # the text's own
        made = interpreter.call(word, [found], {}, decorator)
        if isinstance(made, Function):
            return made
    if name not in _IGNORED:
        raise interpreter.wrong(decorator, "this decorator is not read here; leave it out")
    return found


def _registers(decorator: ast.expr) -> bool:
    """@register_model, @BACKBONES.register_module(): what keeps a class or function in a list of others."""
    node = decorator.func if isinstance(decorator, ast.Call) else decorator
    name = node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
    return name.startswith("register")


def defined(interpreter: Interpreter, node: ast.ClassDef, scope: Scope) -> Class:
    """A class of the text."""
    given = {str(one.arg): interpreter.value(one.value, scope) for one in node.keywords}
    meta = given.pop("metaclass", Opaque("ABCMeta"))
    if not (isinstance(meta, Opaque) and meta.name == "ABCMeta"):
        raise interpreter.wrong(node.keywords[0].value, "a class is read without metaclass")
    decorators = []
    for one in node.decorator_list:
        own = _own_decorator(interpreter, one, scope)
        if own is not None or not _registers(one):
            try:
                decorators.append((one, interpreter.value(one, scope) if own is None else own))
            except Unread:
                interpreter.undecorated.append(one)
    for one, value in decorators:
        ignored = records.is_said_by(value) or (isinstance(value, Opaque | Known) and value.name in _IGNORED)
        if not ignored and not isinstance(value, Function | Method):
            raise interpreter.wrong(one, "a decorator of a class is not read here; leave it out")
    bases = [_base(interpreter, one, node, scope) for one in node.bases]
    made, assumed, native = None, "", ""
    for number, (one, value) in enumerate(zip(node.bases, bases, strict=True)):
        if isinstance(value, _Assumed):
            assumed, value = value.name, nn.Module
            bases[number] = value
        elif isinstance(value, Class):
            assumed = assumed or value.assumed
        base = value.base if isinstance(value, Class) else value if isinstance(value, type) else None
        if isinstance(value, Known) and value.name in ("str", "int"):  # class Kind(str, Enum)
            continue
        native = native or _native(value)
        if native and _native(value):
            continue
        if not isinstance(value, Class | Opaque | type):
            raise interpreter.wrong(one, f"a class cannot come from {bounds.describe(value)}")
        if made is not None and base is not None and base is not made:
            raise interpreter.wrong(one, "a class that comes from two classes of torch is not read here")
        made = made or base
    inner = Scope(scope)
    for statement in node.body:
        if (name := _names_special(statement)) and isinstance(statement, ast.Assign):  # __str__ = __repr__
            inner.names[name] = interpreter.value(statement.value, inner)
        elif not _is_python_s_own(statement):
            _carry_out(interpreter, statement, inner)
    found = Class(node.name, tuple(bases), inner.names, node, made, assumed=assumed, native=native)
    found.call = lambda function, args: interpreter.call(function, args, {}, node)
    found.count = lambda steps: interpreter.count(node, steps)
    specials.check(interpreter, found)
    if enums.is_enumeration(found):
        interpreter.count(node, len(found.members))
        enums.made(found)
        interpreter.has_words |= not any(isinstance(one, enums.Member) for one in found.choices.values())
    found.tuples = any(isinstance(one, Opaque) and one.name == "NamedTuple" for one in bases)
    found.tuples |= any(isinstance(one, Class) and one.tuples for one in bases)
    if found.tuples:
        inherited = [name for value in bases if isinstance(value, Class) for name in value.fields]
        annotated = [one.target.id for one in node.body if isinstance(one, ast.AnnAssign) and _is_name(one.target)]
        found.fields = tuple(dict.fromkeys([*inherited, *annotated]))
    for member in inner.names.values():
        for method in (member, member.setter) if isinstance(member, Function) else ():
            if method is not None and method.scope is inner:
                method.owner, method.scope = found, scope
    for one, value in decorators:
        if records.is_said_by(value) and not found.tuples:
            records.made(interpreter, found, one, scope)
        elif isinstance(value, Opaque | Known) and value.name == "total_ordering":
            found.options["total_ordering"] = True
    _announce(interpreter, found, given)
    for one, value in reversed(decorators):
        if isinstance(value, Function | Method):
            given = interpreter.call(value, [found], {}, one)
            if not isinstance(given, Class):
                raise interpreter.wrong(one, f"this decorator gives {bounds.describe(given)} in place of the class")
            found = given
    return found


def _carry_out(interpreter: Interpreter, statement: ast.stmt, scope: Scope) -> None:
    """A statement of a class's body. A value that is not read, as a table of addresses of weights, is refused where it
    is used."""
    try:
        interpreter.statement(statement, scope)
    except NotationError as error:
        if isinstance(statement, ast.Assign):
            targets = statement.targets
        else:
            targets = [statement.target] if isinstance(statement, ast.AnnAssign) else []
        names = [one.id for one in targets if _is_name(one)]
        if not names or len(names) < len(targets):
            raise
        scope.names |= dict.fromkeys(names, Unknown(error.reason, error.line))


def _native(value: Any) -> str:
    """dict or SimpleNamespace, where a class comes from such."""
    if isinstance(value, Class):
        return value.native
    name = value.name if isinstance(value, Known) else ""
    if name in ("dict", "OrderedDict"):
        return "dict"
    return "SimpleNamespace" if name in ("SimpleNamespace", "Namespace") else ""


def _announce(interpreter: Interpreter, kind: Class, given: dict[str, Any]) -> None:
    """Tells the class above of a new one, by its __init_subclass__."""
    for one in kind.order()[1:]:
        if isinstance(own := one.members.get("__init_subclass__"), Function):
            interpreter.function(own, (kind,), given, kind.node)
            return
    if given:
        name = next(iter(given))
        raise interpreter.wrong(kind.node, f"a class takes {name[:40]} only where one above has an __init_subclass__")


@dataclass(frozen=True)
class _Assumed:
    """nn.Module, in the place of a class of that name which nobody has defined."""

    name: str


def _base(interpreter: Interpreter, node: ast.expr, of: ast.ClassDef, scope: Scope) -> Any:
    """What a class comes from. One that has a forward is a network: it comes from nn.Module where it is said to come
    from what nobody has defined, or from a class of a module that is not read."""
    try:
        return interpreter.value(node, scope)
    except NotationError as error:
        name = ast.unparse(node) if isinstance(node, ast.Name | ast.Attribute) else ""
        nowhere = "NameError" in error.raised or (isinstance(error, Unread) and error.unknown.brought)
        own = not interpreter.defined.isdisjoint(name.split(".")) or _names_nearly(interpreter, name)
        if not name or not nowhere or own or interpreter.state.trying or not any(map(_is_forward, of.body)):
            raise
        interpreter.assumed.setdefault(name[:40], interpreter.place(node.lineno, node.col_offset)[0])
        return _Assumed(name[:40])


def _names_nearly(interpreter: Interpreter, name: str) -> bool:
    """Whether a class of the text is called nearly so, which then is meant."""
    return bool(interpreter.near(name, interpreter.defined, 0.85))


def _is_forward(statement: ast.stmt) -> bool:
    """Whether it is the forward of a network: a method with self."""
    if not isinstance(statement, ast.FunctionDef) or statement.name != "forward":
        return False
    return [one.arg for one in statement.args.args[:1]] == ["self"]


def _own_decorator(interpreter: Interpreter, decorator: ast.expr, scope: Scope) -> Function | Method | None:
    """A decorator that is a function of the text; None for any other."""
    root = decorator
    while isinstance(root, ast.Attribute | ast.Call):
        root = root.func if isinstance(root, ast.Call) else root.value
    try:
        of = scope.find(root.id) if isinstance(root, ast.Name) else None
    except KeyError:
        return None
    if not isinstance(of, Function | Instance | Class):
        return None
    value = interpreter.value(decorator, scope)
    return value if isinstance(value, Function | Method) else None


def _names_special(statement: ast.stmt) -> str:
    """The name of a method that Python calls, which a line of a class gives another one's: __str__ = __repr__."""
    targets = statement.targets if isinstance(statement, ast.Assign) else []
    return next((one.id for one in targets if isinstance(one, ast.Name) and one.id in specials.CALLED), "")


def _is_python_s_own(statement: ast.stmt) -> bool:
    """__slots__, __constants__: what a class says of itself to Python or to torch.jit."""
    if not isinstance(statement, ast.Assign | ast.AnnAssign):
        return False
    targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
    return all(isinstance(one, ast.Name) and one.id.startswith("__") for one in targets)


def without_self(interpreter: Interpreter, of: nn.Module, name: str) -> int:
    """The line where the __init__ of a network's class gives the name a value without self; 0 where it does not."""
    own = _initialiser(of.__dict__["_text"].kind) if "_text" in of.__dict__ else None
    if own is None:
        return 0
    stored = [one for one in ast.walk(own.node) if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store)]
    found = next((one for one in stored if one.id == name), None)
    return interpreter.place(found.lineno, found.col_offset)[0] if found is not None else 0


def special(of: Any, name: str) -> Method | None:
    """A method such as __len__ of an object of a class of the text, network or not; None where it has none."""
    return specials.find(of, name)


def misspelt(interpreter: Interpreter, of: nn.Module | Class, wanted: str) -> str:
    """A hint where a class of the text has a method that is nearly called `wanted`, and none that is; '' otherwise."""
    kind = of if isinstance(of, Class) else of.__dict__["_text"].kind if "_text" in of.__dict__ else None
    if kind is None or wanted in kind.members:
        return ""
    methods = {one.strip("_"): value for one, value in kind.members.items() if isinstance(value, Function)}
    near = difflib.get_close_matches(wanted.strip("_"), methods, 1, 0.75)
    if not near:
        return ""
    found = methods[near[0]]
    line, _ = interpreter.place(found.node.lineno, found.node.col_offset)
    return f"; write {wanted} for {found.name[:40]} in line {line}"


def _is_name(node: ast.expr) -> TypeGuard[ast.Name]:
    return isinstance(node, ast.Name)


def instantiated(
    interpreter: Interpreter, kind: Class, args: Sequence[Any], kwargs: dict[str, Any], node: ast.AST
) -> Any:
    """An object of a class of the text: a network where the class goes back to one of torch's."""
    own = _initialiser(kind)
    if kind.tuples:
        given = _fields(interpreter, kind, args, kwargs, node)
        return row(kind, [given[name] if name in given else kind.find(name) for name in kind.fields])
    if kind.choices and len(args) == 1:
        interpreter.count(node, len(kind.choices))
        try:
            return enums.of_value(kind, bounds.light(interpreter, args[0], node))
        except KeyError:
            said = f"{kind.name} has no member {bounds.describe(args[0])}"
            raise interpreter.raised("ValueError", node, said) from None
    maker = kind.special("__new__")
    thing = (
        raws.empty(interpreter, kind, node) if maker is None else interpreter.call(maker, [kind, *args], kwargs, node)
    )
    of = specials.kind_of(thing)
    if of is None or kind not in of.order():
        return thing  # its __new__ gives something else, which has no __init__ of this class
    if maker is not None and isinstance(thing, nn.Module):
        for name in vars(nn.Module()):  # its __init__ begins anew
            thing.__dict__.pop(name, None)
    if kind.base is None:
        if own is not None:
            interpreter.function(own, (thing, *args), kwargs, node)
        elif kind.native:
            raws.fill(interpreter, node, thing, *args, **kwargs)
        elif maker is None and (args or kwargs):
            _fields(interpreter, kind, args, kwargs, node)
        return thing
    network, created = thing, None
    if isinstance(node, ast.Call):
        given = calls.bound(interpreter, own, (network, *args), kwargs, node) if own is not None else {}
        created = Created(kind, network, node, given)
        interpreter.begun.append(created)
    given = calls.bound(interpreter, own, (network, *args), kwargs, node) if own is not None else {}
    network.__dict__["_given"] = {name: value for name, value in given.items() if value is not network}
    if own is not None:
        interpreter.function(own, (network, *args), kwargs, node)
    else:
        _initialise(interpreter, kind, network, args, kwargs, node)
    del network.__dict__["_given"]
    if "_modules" not in network.__dict__:
        raise interpreter.wrong(kind.node, f"{kind.name}'s __init__ has to begin with super().__init__()")
    if created is not None:
        interpreter.created.append(created)
    return network


def _fields(
    interpreter: Interpreter, kind: Class, args: Sequence[Any], kwargs: dict[str, Any], node: ast.AST
) -> dict[str, Any]:
    """What a tuple with names is given for its places."""
    given = dict(zip(kind.fields, args))
    if len(args) > len(kind.fields):
        raise interpreter.wrong(node, f"{kind.name} takes {len(kind.fields)} values and is given {len(args)}")
    for name, value in kwargs.items():
        if name not in kind.fields or name in given:
            raise interpreter.wrong(node, f"{kind.name} takes no {name[:40]}; its fields are {', '.join(kind.fields)}")
        given[name] = value
    missing = []
    for name in (one for one in kind.fields if one not in given):
        try:
            kind.find(name)
        except KeyError:
            missing.append(name)
    if missing:
        raise interpreter.wrong(node, f"{kind.name} needs {' and '.join(missing)}")
    return given


def _initialiser(kind: Class) -> Function | None:
    try:
        found = kind.find("__init__")
    except KeyError:
        return None
    return found if isinstance(found, Function) else None


def _initialise(
    interpreter: Interpreter, kind: Class, network: Any, args: Sequence[Any], kwargs: dict[str, Any], node: ast.AST
) -> None:
    """torch's own __init__."""
    base = kind.base or nn.Module
    if base is nn.Module and kind.assumed:
        args, kwargs = (), {}  # which the class that nobody has defined would have taken
    given = [calls.for_torch(interpreter, one, base.__name__, node) for one in args]
    named = {key: calls.for_torch(interpreter, one, base.__name__, node) for key, one in kwargs.items()}
    if base is nn.Module and (given or named):
        hint = misspelt(interpreter, network, "__init__") or f"; {kind.name} needs an __init__ of its own"
        raise interpreter.wrong(node, f"nn.Module's __init__ takes nothing{hint}")
    try:
        base.__init__(network, *given, **named)
    except Exception as error:  # torch's constructors raise nearly anything
        raise interpreter.failed(node, f"{base.__name__} cannot be built", error) from None


def super_of(interpreter: Interpreter, node: ast.Call, scope: Scope) -> Super:
    """super() and super(Net, self)."""
    try:
        owner, of = scope.find("__class__"), scope.find("__self__")
    except KeyError:
        raise interpreter.wrong(node, "super() stands only in a method of a class") from None
    if node.args and isinstance(first := interpreter.value(node.args[0], scope), Class):
        owner = first
    return Super(owner, of)


def of_super(interpreter: Interpreter, of: Super, name: str, node: ast.AST) -> Any:
    """super().name: of the classes of the text that come after, or torch's own."""
    kind = of.of if isinstance(of.of, Class) else specials.kind_of(of.of) or of.owner
    order = kind.order()
    later = order[order.index(of.owner) + 1 :] if of.owner in order else of.owner.order()[1:]
    for one in later:
        if name in one.members:
            return _inherited(interpreter, one.members[name], of.of, node)
    if name == "__init__" and kind.native:
        return Method(Known("__init__", raws.fill, ours=True), of.of)
    if name == "__init__":
        return Method(Known("__init__", _base_init, ours=True), of.of)
    if name in ("train", "eval") and isinstance(of.of, nn.Module):
        return Method(Known(name, _base_mode(name), ours=True), of.of)
    if name == "forward" and of.owner.base not in (None, nn.Module):
        return Method(Known("forward", _base_forward), of.of)
    if (found := raws.above(of.of, name)) is not None:
        return found.function if name == "__new__" else found
    if isinstance(of.of, Table) and (method := plain.method(of.of, name)) is not None:
        return Method(method, of.of)
    hint = "; did you mean __init__" if name.strip("_") in ("init", "int", "inti") else ""
    raise interpreter.wrong(node, f"nothing above {of.owner.name} has {name[:40]}{hint}")


def _inherited(interpreter: Interpreter, value: Any, of: Any, node: ast.AST) -> Any:
    """A member of a class above, as super() has it for an object or a class."""
    if isinstance(value, Known):
        return Method(value, of)
    if not isinstance(value, Function) or value.kind == "staticmethod" or value.name == "__new__":
        return value
    if value.kind == "property":
        return interpreter.function(value, (of,), {}, node)
    if value.kind == "classmethod":
        return Method(value, of if isinstance(of, Class) else specials.kind_of(of))
    return Method(value, of)


def of_torch(layer: type[nn.Module], name: str) -> Known:
    """nn.Module.__init__, nn.Conv2d.forward: as a text calls them with self."""
    return Known(name, _base_init, ours=True) if name == "__init__" else Known(name, layer.forward)


def _base_init(interpreter: Interpreter, node: ast.AST, network: Any, *args: Any, **kwargs: Any) -> None:
    if isinstance(network, nn.Module):
        _initialise(interpreter, network.__dict__["_text"].kind, network, args, kwargs, node)


def _base_mode(name: str) -> Any:
    """super().train() and super().eval(), as torch has them."""

    def call(interpreter: Interpreter, node: ast.AST, network: nn.Module, *args: Any, **kwargs: Any) -> nn.Module:
        interpreter.count(node, sum(1 for _ in network.modules()))
        found: nn.Module = getattr(nn.Module, name)(network, *args, **kwargs)
        return found

    return call


def _base_forward(network: Any, *args: Any, **kwargs: Any) -> Any:
    """The forward of the class of torch that a class of a text goes back to."""
    return network._text.kind.base.forward(network, *args, **kwargs)
