"""What stands behind a dot: of torch and its like, of tensors, networks, classes, words and lists."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from cnnviz.networks.source import (
    bounds,
    calls,
    classes,
    gradients,
    hooks,
    libraries,
    options,
    plain,
    raws,
    specials,
    tables,
)
from cnnviz.networks.source.given import noting
from cnnviz.networks.source.values import (
    Class,
    Function,
    Held,
    Instance,
    Known,
    Method,
    Namespace,
    Opaque,
    Partial,
    Row,
    Super,
    Table,
    Unknown,
    Unread,
    row,
)

if TYPE_CHECKING:
    from cnnviz.networks.source.interpreter import Interpreter

_INNER = frozenset(nn.Module().__dict__) | {
    "_text",
    "named",
    "made_by",
    "_given",
    "_watching",
}  # training, _parameters ..., and ours


_KEPT = ("_modules", "_parameters", "_buffers")  # where torch keeps what a network holds
_NOTHING = object()
_WITHIN = ("torch", "nn", "F", "math")  # modules of which nearly all makes part of a network
_WHOLE = {"torch": frozenset(dir(torch)), "nn": frozenset(dir(nn)), "F": frozenset(dir(nn.functional))}
_INTO_EACH = ("train", "eval", "float", "half", "double", "state_dict")  # which go into a layer as often as it is held
_OPENLY = {  # what a text writes for what torch keeps for itself
    "_parameters": "named_parameters()",
    "_buffers": "named_buffers()",
    "_get_name": "type(self).__name__",
    "_conv_forward": "F.conv2d(x, self.weight, self.bias, self.stride, self.padding, self.dilation, self.groups)",
}
_NAMED = ("__init__", "__class__", "__name__")  # of Python's own names those that are read of whatever has them
_SHADOWED = frozenset(  # names of torch's own that a text may give to a number or word, for nothing here calls them
    tables.words(
        """
    type half double bfloat16 cuda cpu xpu ipu mtia compile share_memory dump_patches T_destination
    """
    )
)


def read(interpreter: Interpreter, of: Any, name: str, node: ast.AST, raw: bool = False) -> Any:
    """The attribute of that name; where it is `raw`, not by a __getattr__ of the text. Raises NotationError where a
    text may not read it, or where there is none."""
    if isinstance(of, Namespace) and name in of.members:
        return interpreter.known(of.members[name], name, node)
    if name.startswith("__") and name not in _NAMED:
        if (found := raws.of_python(interpreter, of, name, node)) is not None:
            return found
        hint = "; did you mean __init__" if isinstance(of, Super) and name.strip("_").startswith("in") else ""
        raise interpreter.wrong(node, f"{name[:40]} is Python's own and is not read here{hint}")
    if isinstance(of, nn.Module):
        return _of_network(interpreter, of, name, node, raw)
    if isinstance(of, Tensor):
        return _of_tensor(interpreter, of, name, node)
    if isinstance(of, Namespace):
        return _of_namespace(interpreter, of, name, node)
    if isinstance(of, Super):
        return classes.of_super(interpreter, of, name, node)
    if isinstance(of, Instance | Table):
        return _of_instance(interpreter, of, name, node, raw)
    if isinstance(of, Class):
        return _of_class(interpreter, of, name, node)
    if isinstance(of, type) and name in ("__init__", "forward"):
        return classes.of_torch(of, name)
    if isinstance(of, type | Function | Known | Opaque) and name in ("__name__", "__qualname__"):
        return of.__name__ if isinstance(of, type) else of.name
    if isinstance(of, type | Known) and (behind := libraries.BEHIND.get((_name_of(of), name))):
        return behind
    if isinstance(of, Partial) and name in ("func", "args", "keywords"):
        return {"func": of.function, "args": of.args, "keywords": dict(of.kwargs)}[name]
    if isinstance(of, Row) and (found := _of_row(interpreter, of, name, node)) is not _NOTHING:
        return found
    if isinstance(of, tuple) and name in ("values", "indices") and hasattr(of, name):
        return of[("values", "indices").index(name)]
    if isinstance(of, Opaque):
        return Opaque(name)
    if (
        isinstance(of, Known)
        and of.name in raws.KINDS
        and (method := plain.method(raws.KINDS[of.name](), name)) is not None
    ):
        return method  # dict.get
    if isinstance(of, hooks.Handle) and name == "remove":
        return hooks.remove(of)
    if isinstance(of, options.Parser) and name in options.METHODS:
        return Method(options.METHODS[name], of)
    if name == "value" and interpreter.has_words and isinstance(of, str | int):
        return of
    method = plain.method(of, name)
    if method is None:
        wrong = interpreter.wrong(node, f"{bounds.describe(of)} has no {name[:40]} that is read here")
        raise noting(wrong, name, (of,), node)
    return Method(method, of)


def _name_of(of: type | Known) -> str:
    return of.__name__ if isinstance(of, type) else of.name


def _of_row(interpreter: Interpreter, of: Row, name: str, node: ast.AST) -> Any:
    """A place of a tuple with names, or what such a tuple can; _NOTHING for anything else."""
    fields = of.kind.fields
    if name in fields:
        return of[fields.index(name)]
    if name == "_fields":
        return fields
    if name == "_asdict":
        return Method(Known(name, lambda _interpreter, _node, one: dict(zip(fields, one, strict=True)), ours=True), of)
    if name == "_replace":
        return Method(Known(name, _replaced, ours=True), of)
    try:
        return _member(interpreter, of.kind.find(name), of, of.kind, node)
    except KeyError:
        return _NOTHING


def _replaced(interpreter: Interpreter, node: ast.AST, of: Row, **more: Any) -> Row:
    kind = of.kind
    if unknown := more.keys() - set(kind.fields):
        raise interpreter.wrong(node, f"{kind.name} has no {', '.join(sorted(unknown))[:40]}")
    return row(kind, [more.get(name, value) for name, value in zip(kind.fields, of, strict=True)])


def _of_namespace(interpreter: Interpreter, of: Namespace, name: str, node: ast.AST) -> Any:
    beside = tables.ASIDE.get(f"{of.name}.{name}", "")
    if why := beside or of.refused.get(name, of.why):
        said = f"{of.name}.{name} is not read here: {why}"
    else:
        near = interpreter.near(name, [one for one in of.members if abs(len(one) - len(name)) < 3], 0.7)
        hint = f"; did you mean {near[0]}" if near else "; leave it out, or write it by what is"
        said = f"{of.name} has no {name[:40]!r} that is read here{hint}"
    wrong = interpreter.wrong(node, said)
    if beside or of.name.partition(".")[0] not in _WITHIN:
        raise Unread(said, wrong.line, wrong.column, Unknown(said, wrong.line))
    if of.name in _WHOLE and name not in _WHOLE[of.name]:
        wrong.raised = tables.ERRORS["AttributeError"]
    raise wrong


def _of_tensor(interpreter: Interpreter, of: Tensor, name: str, node: ast.AST) -> Any:
    if name in tables.PROPERTIES:
        return getattr(of, name)
    if name in ("device", "dtype"):
        return Opaque("device") if name == "device" else of.dtype
    if name == "new":
        return Method(Known(name, calls.new, ours=True), of)
    if name == "register_hook":
        return Method(Known(name, hooks.of_a_tensor, ours=True), of)
    if name in tables.ITSELF or name == "astype":  # numpy's word: its arrays of several axes are tensors here
        return Method(Known(name, _itself, ours=True), of)
    found = tables.METHODS.get(name)
    if found is None:
        if why := tables.REFUSED_METHODS.get(name):
            raise interpreter.wrong(node, f".{name} is not read here: {why}")
        near = interpreter.near(name, [*tables.METHODS, *tables.PROPERTIES], 0.6)
        hint = f"; did you mean {near[0]}" if near else ""
        raise interpreter.wrong(node, f"a tensor has no {name[:40]!r} that is read here{hint}")
    return Method(found, of)


def _itself(_interpreter: Interpreter, _node: ast.AST, of: Any, *args: Any, **kwargs: Any) -> Any:
    """.to(device), .cuda(): what is computed on is not the text's to choose; another type of numbers is."""
    kinds = (_numbers_of(one) for one in (*args, *kwargs.values()))
    kind = next((one for one in kinds if one is not None), None)
    return of.to(kind) if kind is not None and isinstance(of, Tensor) else of


def _numbers_of(value: Any) -> torch.dtype | None:
    """The type of numbers that x.to(...) or x.type(...) names: torch.float32, torch.LongTensor, "torch.LongTensor"."""
    if isinstance(value, torch.dtype | Tensor):
        return value if isinstance(value, torch.dtype) else value.dtype
    name = value.name if isinstance(value, Opaque) else value.rpartition(".")[2] if isinstance(value, str) else ""
    return tables.TENSORS.get(name) if name != "Tensor" else None


def _of_network(interpreter: Interpreter, of: nn.Module, name: str, node: ast.AST, raw: bool) -> Any:
    own = of.__dict__
    fallback = specials.find(of, "__getattr__") if not raw and "_text" in own else None
    for kept in _KEPT if fallback is None else ():
        if name in own.get(kept, ()):
            return own[kept][name]
    if name in own.get("named", ()):
        return interpreter.known(own[name], name, node)
    if (text := own.get("_text")) is not None:
        try:
            return _member(interpreter, text.kind.find(name), of, text.kind, node)
        except KeyError:
            pass
        if name == "__class__":
            return text.kind
        if fallback is not None and not hasattr(type(of), name) and name not in _INNER:
            return interpreter.call(fallback, [name], {}, node)
    if name in tables.LAYER_ATTRIBUTES and hasattr(of, name):
        return getattr(of, name)
    if name in tables.ITSELF:
        return Method(Known(name, _itself, ours=True), of)
    if name in hooks.ALL:
        return Method(Known(name, hooks.registered(name), ours=True), of)
    if name == "save_hyperparameters" and "_text" in own:
        return Method(Known(name, _keep_given, ours=True), of)
    if name == "load_state_dict":  # no file is read, so that there is nothing to be loaded
        return Method(Known(name, libraries.passed, ours=True), of)
    if name == "apply":
        return Method(Known(name, _apply, ours=True), of)
    if name in tables.CONTAINER_METHODS and isinstance(of, tables.CONTAINERS) and hasattr(of, name):
        return Method(Known(name, _container_method(name), ours=True), of)
    if name in tables.NETWORK_METHODS:
        return Method(Known(name, _network_method(name), ours=True), of)
    if name == "__class__":
        return hooks.kind_of(of)
    if behind := libraries.BEHIND.get((type(of).__name__, name)):
        return behind
    if "ready_made" in own and name in _held(own) and isinstance(own.get(name), bool | int | float | str):
        return own[name]  # last_channel and its like, plain numbers that torchvision's networks hold
    if "_modules" not in own:
        raise interpreter.wrong(node, f"{type(of).__name__}'s __init__ has to begin with super().__init__()")
    if name == "_modules":  # to look at; network._modules[name] = ... is statements'
        return Held(of)
    if name in _INNER or (name.startswith("_") and hasattr(type(of), name)):
        raise interpreter.wrong(node, f"{name} is torch's own; write {_OPENLY.get(name, 'what forward does with it')}")
    if line := classes.without_self(interpreter, of, name):
        raise interpreter.raised(
            "AttributeError", node, f"line {line} gives {name[:40]} its value without self; write self.{name[:40]}"
        )
    known = [*own["_modules"], *own["_parameters"], *own["_buffers"], *own.get("named", ())]
    near = interpreter.near(name, known, 0.6)
    hint = f"; did you mean {near[0]}" if near else classes.misspelt(interpreter, of, "__init__")
    if text is not None and text.kind.assumed and not hint:
        hint = f"; {text.kind.assumed}, which may have it, is not in the text: paste that class as well"
    wrong = interpreter.wrong(node, f"{type(of).__name__} has no {name[:40]!r}{hint}")
    if name not in of.__dict__ and name not in dir(type(of)):
        wrong.raised = tables.ERRORS["AttributeError"]
    raise wrong


def _held(own: dict[str, Any]) -> set[str]:
    """The names of what a network holds openly, beside its layers."""
    return {name for name in own if not name.startswith("_")} - _INNER - {"ready_made"}


def _network_method(name: str) -> Any:
    """parameters, modules ... as lists; the rest as torch has them."""

    def call(interpreter: Interpreter, node: ast.AST, of: nn.Module, *args: Any, **kwargs: Any) -> Any:
        if name == calls.FORWARD:
            return calls.torch_call(interpreter, type(of).forward, calls.FORWARD, (of, *args), kwargs, node)
        if name in _INTO_EACH:
            interpreter.count(node, calls.check_executions(interpreter, of, node))
        elif name in tables.WALKS:
            interpreter.count(node, sum(1 for _ in of.modules()))
        try:
            result = getattr(of, name)(*args, **kwargs)
        except Exception as error:
            raise interpreter.failed(node, f"{name} does not take this", error) from None
        if name == "reset_parameters":
            calls.fill(interpreter, of, node)
        return result if isinstance(result, nn.Module | Tensor | tuple | dict | type(None)) else list(result)

    return call


def _container_method(name: str) -> Any:
    """append, items ... of a ModuleList and its like; what is gone through comes as a list."""

    def call(interpreter: Interpreter, node: ast.AST, of: nn.Module, *args: Any) -> Any:
        interpreter.count(node, calls.STEPS_OF_TORCH)
        given = [calls.for_torch(interpreter, one, name, node) for one in args]
        count = sum(len(one) for one in (of, *given) if isinstance(one, tables.CONTAINERS + (list, tuple, dict)))
        if name in ("insert", "pop"):  # which move all that are behind
            interpreter.count(node, 2 * len(of._modules))
        if count > calls.MAX_LAYERS:
            raise interpreter.wrong(node, f"there are more than {calls.MAX_LAYERS:,} layers")
        try:
            result = getattr(of, name)(*given)
        except Exception as error:
            raise interpreter.failed(node, f"{name} does not take this", error) from None
        if name not in ("items", "keys", "values"):
            return result
        interpreter.count(node, len(result))
        return list(result)

    return call


def _apply(interpreter: Interpreter, node: ast.AST, of: nn.Module, function: Any) -> nn.Module:
    """network.apply(function), the innermost first, as torch does."""
    interpreter.count(node, calls.check_executions(interpreter, of, node))
    _apply_within(interpreter, node, of, function)
    return of


def _apply_within(interpreter: Interpreter, node: ast.AST, of: nn.Module, function: Any) -> None:
    for child in of.children():
        _apply_within(interpreter, node, child, function)
    interpreter.call(function, [of], {}, node)


def _member(interpreter: Interpreter, value: Any, of: Any, kind: Class, node: ast.AST) -> Any:
    """A member of a class as its object has it."""
    if not isinstance(value, Function):
        return interpreter.known(value, getattr(node, "attr", kind.name), node)
    match value.kind:
        case "property":
            return interpreter.function(value, (of,), {}, node)
        case "cached":
            return _remembered(interpreter, value, of, node)
        case "staticmethod":
            return value
        case "classmethod":
            return Method(value, kind)
    return Method(value, of)


def _remembered(interpreter: Interpreter, value: Function, of: Any, node: ast.AST) -> Any:
    """What a cached_property finds, which is kept beside all that torch knows of."""
    name = value.name
    if isinstance(of, nn.Module) and (name in _INNER or hasattr(nn.Module, name)):
        raise interpreter.wrong(node, f"{name[:40]} is torch's own; choose another name")
    found = interpreter.function(value, (of,), {}, node)
    if isinstance(of, nn.Module):
        of.__dict__[name] = found
        of.__dict__.setdefault("named", set()).add(name)
    else:
        of.fields[name] = found
    return found


def _keep_given(interpreter: Interpreter, node: ast.AST, of: nn.Module, *names: Any, **_more: Any) -> None:
    """Lightning's save_hyperparameters(): what __init__ was given stands in self.hparams."""
    given = of.__dict__.get("_given", {})
    kept = {name: value for name, value in given.items() if not names or name in names}
    _assign_to_network(interpreter, of, "hparams", libraries.namespace(kept), node)


def _of_instance(interpreter: Interpreter, of: Instance | Table, name: str, node: ast.AST, raw: bool) -> Any:
    if (value := _of_kind(of, name)) is not None and _is_asked_first(value):
        return _member(interpreter, value, of, of.kind, node)
    if name in of.fields:
        return interpreter.known(of.fields[name], name, node)
    if value is not None or name in (one for kind in of.kind.order() for one in kind.members):
        return _member(interpreter, value, of, of.kind, node)
    if name == "__class__":
        return of.kind
    if isinstance(of, Table) and (method := plain.method(of, name)) is not None:
        return Method(method, of)
    if isinstance(of, Table) and of.itself and name in of:
        return interpreter.known(of[name], name, node)
    if not raw and (own := specials.find(of, "__getattr__")) is not None:
        return interpreter.call(own, [name], {}, node)
    raise interpreter.raised("AttributeError", node, f"a {of.kind.name} has no {name[:40]!r}")


def _of_kind(of: Instance | Table, name: str) -> Any:
    """What the class of an object has of that name; None for nothing."""
    return next((one.members[name] for one in of.kind.order() if name in one.members), None)


def _is_asked_first(value: Any) -> bool:
    """Whether Python asks a member of the class before what the object itself holds: a property."""
    return isinstance(value, Function) and value.kind == "property" and value.setter is not None


def _of_class(interpreter: Interpreter, of: Class, name: str, node: ast.AST) -> Any:
    if name == "__name__":
        return of.name
    try:
        value = of.find(name)
    except KeyError:
        if name == "__init__":
            return classes.of_torch(of.base or nn.Module, name)
        if name == "apply" and gradients.says_its_own(of):
            return gradients.applied(of)
        raise interpreter.raised("AttributeError", node, f"{of.name} has no {name[:40]!r}") from None
    return Method(value, of) if isinstance(value, Function) and value.kind == "classmethod" else value


def assign(interpreter: Interpreter, of: Any, name: str, value: Any, node: ast.AST, raw: bool = False) -> None:
    """of.name = value; where it is `raw`, not by a __setattr__ of the text. Raises NotationError where a text may not
    set it."""
    if name == "__dict__" and _is_own_dict(of, value):
        if isinstance(of, Table):
            of.itself = True
        else:
            of.fields = value
        return
    if name.startswith("__"):
        raise interpreter.wrong(node, f"{name[:40]} is Python's own; choose another name")
    if not raw and (own := specials.find(of, "__setattr__")) is not None:
        interpreter.call(own, [name, value], {}, node)
    elif isinstance(of, Instance | nn.Module) and (setter := _setter(of, name)) is not None:
        interpreter.function(setter, (of, value), {}, node)
    elif isinstance(of, Instance | Table):
        if not raw and any(one.options.get("frozen") for one in of.kind.order()):
            raise interpreter.raised(
                "AttributeError", node, f"a {of.kind.name} is frozen; leave frozen=True out, or use dataclasses.replace"
            )
        (of if isinstance(of, Table) and of.itself else of.fields)[name] = value
    elif isinstance(of, Class):
        of.members[name] = value
    elif isinstance(of, nn.Module):
        _assign_to_network(interpreter, of, name, value, node)
    elif isinstance(of, Tensor) and name in ("data", "requires_grad"):
        setattr(of, name, value)
    elif isinstance(of, Opaque):  # torch.backends.cudnn.benchmark = True
        return
    else:
        raise interpreter.wrong(node, f"{bounds.describe(of)} has no attributes to set")


def _is_own_dict(of: Any, value: Any) -> bool:
    """Whether an object is given its attributes at once: self.__dict__ = kwargs, or = self of a dictionary."""
    if isinstance(of, Table):
        return value is of
    return (
        isinstance(of, Instance)
        and type(value) is dict
        and all(isinstance(one, str) and not one.startswith("__") for one in value)
    )


def _setter(of: Instance | nn.Module, name: str) -> Function | None:
    """What the class of the text has under @name.setter."""
    kind = of.kind if isinstance(of, Instance) else of.__dict__["_text"].kind if "_text" in of.__dict__ else None
    found = next((one.members[name] for one in kind.order() if name in one.members), None) if kind is not None else None
    return found.setter if isinstance(found, Function) else None


def _is_plain(value: Any) -> bool:
    return isinstance(value, bool | int | float | str | list | tuple | dict | type(None))


def delete(interpreter: Interpreter, of: Any, name: str, node: ast.AST, raw: bool = False) -> None:
    """del of.name; where it is `raw`, not by a __delattr__ of the text. Raises NotationError where there is none such
    of the text's own."""
    if not raw and not name.startswith("__") and (own_way := specials.find(of, "__delattr__")) is not None:
        interpreter.call(own_way, [name], {}, node)
        return
    own = of.__dict__ if isinstance(of, nn.Module) else {}
    if isinstance(of, Table) and (own_delete := specials.find(of, "__delitem__") if of.itself else None) is not None:
        interpreter.call(own_delete, [name], {}, node)
    elif isinstance(of, Table) and of.itself and name in of:
        del of[name]
    elif isinstance(of, Instance | Table) and name in of.fields:
        del of.fields[name]
    elif any(name in own.get(kept, ()) for kept in _KEPT):
        delattr(of, name)
    elif name in own.get("named", ()):
        own["named"].discard(name)
        own.pop(name, None)
    else:
        raise interpreter.wrong(node, f"{bounds.describe(of)} has no {name[:40]!r} to delete")


def _assign_to_network(interpreter: Interpreter, of: nn.Module, name: str, value: Any, node: ast.AST) -> None:
    own, layer = of.__dict__, isinstance(value, nn.Module | nn.Parameter)
    if name in _INNER and name != "training":
        raise interpreter.wrong(node, f"{name[:40]} is torch's own; choose another name")
    if "_modules" not in own and layer:
        raise interpreter.wrong(node, f"{type(of).__name__}'s __init__ has to begin with super().__init__()")
    if hasattr(nn.Module, name) and name != "training" and (layer or name not in _SHADOWED or not _is_plain(value)):
        raise interpreter.wrong(node, f"every network has a method {name} of its own; name this otherwise")
    if "_text" not in own and name not in tables.LAYER_ATTRIBUTES and not layer:
        if hasattr(of, name) or not isinstance(value, bool | int | float | str):
            raise interpreter.wrong(node, f"a {type(of).__name__} has no {name[:40]!r} to set")
        own.setdefault("named", set())  # a note of the text's own: layer.stddev = 0.01
    if isinstance(value, Unknown) and any(name in own.get(kept, ()) for kept in _KEPT):
        interpreter.known(value, name, node)  # a layer is replaced by what is not read
    try:
        if "_modules" in own:
            setattr(of, name, value)
        else:
            own[name] = value
    except Exception as error:
        raise interpreter.failed(node, f"{name} cannot be set", error) from None
    if name in own and name != "training" and "named" in own:
        own["named"].add(name)
