"""What a text takes of Python's modules, of numpy's numbers, and of torch where it is no layer and no function of
tensors."""

from __future__ import annotations

import ast
import copy
import functools
import itertools
import json
import math
import random
import re
from collections import OrderedDict, defaultdict
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import torch
from torch import nn
from torch.nn import utils

from cnnviz.networks.notation.parser import NotationError
from cnnviz.networks.source import arrays, bounds, calls, functions, options, records, tables
from cnnviz.networks.source.values import Class, Function, Instance, Known, Namespace, Opaque, Partial

if TYPE_CHECKING:
    from cnnviz.networks.source.interpreter import Interpreter


_MAX_SOLVED = 1_000_000  # numbers of a matrix
_MAX_WORD = 200  # characters of what re.split is given
MAX_ITERATIONS = 20  # of a weight that is normalised, each time that a layer is called

# --- functools, itertools, operator, collections, copy, json


def _from_keys(interpreter: Interpreter, node: ast.AST, keys: Any, value: Any = None) -> dict[Any, Any]:
    return dict.fromkeys(interpreter.items(bounds.light(interpreter, keys, node), node), value)


def _with_default(interpreter: Interpreter, node: ast.AST, function: Any = None, *args: Any) -> dict[Any, Any]:
    """defaultdict(list): what is missing is made by calling the function."""
    given = functions.mapping(dict)(interpreter, node, *args)
    return defaultdict(None if function is None else lambda: interpreter.call(function, [], {}, node), given)


def _partial(_interpreter: Interpreter, _node: ast.AST, function: Any, *args: Any, **kwargs: Any) -> Partial:
    return Partial(function, args, tuple(kwargs.items()))


def _reduce(interpreter: Interpreter, node: ast.AST, function: Any, value: Any, *start: Any) -> Any:
    items = [*start, *interpreter.items(value, node)]
    if not items:
        raise interpreter.wrong(node, "reduce of nothing wants a start")
    interpreter.count(node, len(items))
    return functools.reduce(lambda left, right: interpreter.call(function, [left, right], {}, node), items)


def _chain(interpreter: Interpreter, node: ast.AST, *values: Any) -> list[Any]:
    found: list[Any] = []
    for one in values:
        found += interpreter.items(one, node)
        interpreter.bounded(found, node)
    return found


def _chained(interpreter: Interpreter, node: ast.AST, values: Any) -> list[Any]:
    return _chain(interpreter, node, *interpreter.items(values, node))


def _repeat(interpreter: Interpreter, node: ast.AST, value: Any, times: Any) -> list[Any]:
    if type(times) is not int or times > bounds.MAX_WEIGHT:
        raise interpreter.wrong(node, f"repeat takes a whole number up to {bounds.MAX_WEIGHT:,}")
    return [value] * times


def _product(interpreter: Interpreter, node: ast.AST, *values: Any, repeat: Any = 1) -> list[Any]:
    parts = [interpreter.items(one, node) for one in values]
    count = math.prod(map(len, parts))
    if type(repeat) is not int or not 0 <= repeat <= 8 or len(parts) > 8 or count**repeat > bounds.MAX_WEIGHT:
        raise interpreter.wrong(node, f"product of more than {bounds.MAX_WEIGHT:,} rows is not made here")
    interpreter.count(node, count**repeat)
    return list(itertools.product(*parts, repeat=repeat))


def _accumulate(
    interpreter: Interpreter, node: ast.AST, iterable: Any, func: Any = None, *, initial: Any = None
) -> list[Any]:
    def add(left: Any, right: Any) -> Any:
        interpreter.count(node)
        if func is None:
            return interpreter.combined(ast.Add(), left, right, node)
        return interpreter.call(func, [left, right], {}, node)

    return list(itertools.accumulate(interpreter.items(iterable, node), add, initial=initial))


def _longest(interpreter: Interpreter, node: ast.AST, *values: Any, fillvalue: Any = None) -> list[Any]:
    return list(itertools.zip_longest(*(interpreter.items(one, node) for one in values), fillvalue=fillvalue))


def _pairs(interpreter: Interpreter, node: ast.AST, value: Any) -> list[Any]:
    return list(itertools.pairwise(interpreter.items(value, node)))


def _operation(operation: ast.operator) -> functions.Called:
    def call(interpreter: Interpreter, node: ast.AST, left: Any, right: Any) -> Any:
        return interpreter.combined(operation, left, right, node)

    return call


def _at(_interpreter: Interpreter, _node: ast.AST, index: Any) -> Known:
    """operator.itemgetter(index)."""
    return Known("itemgetter", lambda interpreter, node, of: interpreter.at(of, index, node), ours=True)


def _simple(interpreter: Interpreter, node: ast.AST, **fields: Any) -> Instance:
    """SimpleNamespace(n=4)."""
    if any(name.startswith("__") for name in fields):
        raise interpreter.wrong(node, "a name that begins with __ is Python's own; choose another")
    made = namespace(fields)
    made.kind.native, made.kind.count = made.kind.name, lambda steps: interpreter.count(node, steps)
    return made


def namespace(fields: dict[str, Any]) -> Instance:
    """An object with those attributes."""
    return Instance(_class_of_fields("SimpleNamespace", (), {}), fields)


def _class_of_fields(name: str, fields: tuple[str, ...], members: dict[str, Any]) -> Class:
    return Class(name, (), members, ast.ClassDef(name, [], [], [], []), fields=fields)


def _named_tuple(
    interpreter: Interpreter, node: ast.AST, typename: Any, field_names: Any, defaults: Any = (), rename: Any = False
) -> Class:
    """namedtuple("Out", "mean std") or ["mean", "std"]; of pairs, as typing.NamedTuple has them, the first."""
    words = field_names.replace(",", " ").split() if isinstance(field_names, str) else field_names
    names = [one[0] if isinstance(one, tuple) and one else one for one in interpreter.items(words, node)]
    given = list(interpreter.items(defaults, node))
    for one in names:
        if not isinstance(one, str) or not one.isidentifier() or one.startswith("_"):
            raise interpreter.wrong(node, "the places of a namedtuple have names that begin with a letter")
    if not isinstance(typename, str) or not typename.isidentifier() or rename:
        raise interpreter.wrong(node, "namedtuple wants a name that begins with a letter, and the names of its places")
    if len(set(names)) < len(names) or len(given) > len(names):
        raise interpreter.wrong(node, "namedtuple wants its name and the names of its places")
    kind = _class_of_fields(typename, tuple(names), dict(zip(names[len(names) - len(given) :], given, strict=True)))
    kind.tuples = True
    return kind


def _loads(interpreter: Interpreter, node: ast.AST, text: Any) -> Any:
    """json.loads."""
    if not isinstance(text, str):
        raise interpreter.wrong(node, f"json.loads wants a word, and this is {bounds.describe(text)}")
    interpreter.count(node, len(text) // bounds.TO_A_STEP)
    try:
        found = json.loads(interpreter.bounded(text, node), parse_int=lambda one: interpreter.bounded(int(one), node))
    except ValueError as error:
        if isinstance(error, NotationError):
            raise
        raise interpreter.failed(node, "this is no JSON", error) from None
    return bounds.light(interpreter, found, node)


def _copied(interpreter: Interpreter, node: ast.AST, value: Any) -> Any:
    if isinstance(value, Instance):
        return Instance(value.kind, dict(value.fields))
    return calls.copied(interpreter, copy.copy, value, node)


def _deep_copied(interpreter: Interpreter, node: ast.AST, value: Any, memo: Any = None) -> Any:
    return calls.copied(interpreter, copy.deepcopy, value, node)


def _is_function(_interpreter: Interpreter, _node: ast.AST, value: Any) -> bool:
    """inspect.isfunction."""
    return isinstance(value, Function)


def _is_class(_interpreter: Interpreter, _node: ast.AST, value: Any) -> bool:
    """inspect.isclass."""
    return isinstance(value, type | Class)


def _parted(interpreter: Interpreter, node: ast.AST, pattern: Any, text: Any, maxsplit: Any = 0) -> list[Any]:
    """re.split of a short word by a pattern that cannot take long: of one repetition, and not of a group."""
    for one in (pattern, text):
        if not isinstance(one, str) or len(one) > _MAX_WORD:
            raise interpreter.wrong(node, f"re.split takes words of at most {_MAX_WORD} characters here")
    if len(re.findall(r"[*+?{]", pattern)) > 1 or re.search(r"\)[*+?{]|\\[1-9]|\(\?|\(.*\(|\|", pattern):
        raise interpreter.wrong(node, f"the pattern {pattern[:40]!r} is too much for here; write split(...) of a word")
    try:
        return re.split(pattern, text, maxsplit=int(maxsplit))
    except (re.error, TypeError, ValueError) as error:
        raise interpreter.failed(node, "this is no pattern", error) from None


def _option(_interpreter: Interpreter, _node: ast.AST, _name: Any, default: Any = None) -> Any:
    """os.environ.get: nothing of the machine is read, so that it is what stands for what is not set."""
    return default


# --- chance, and numpy's numbers


def _chosen(interpreter: Interpreter, node: ast.AST, items: Any) -> Any:
    return random.choice(list(interpreter.items(items, node)))


def _power(interpreter: Interpreter, node: ast.AST, base: Any, power: Any) -> Any:
    return interpreter.combined(ast.Pow(), base, power, node)


# --- torch, where it is no layer and no function of tensors


def _checkpoint(interpreter: Interpreter, node: ast.AST, function: Any, *args: Any, **kwargs: Any) -> Any:
    """torch.utils.checkpoint.checkpoint(function, x), which saves memory and changes no number."""
    kept = {name: value for name, value in kwargs.items() if name not in ("use_reentrant", "preserve_rng_state")}
    return interpreter.call(function, list(args), kept, node)


def _grad_enabled(_interpreter: Interpreter, _node: ast.AST) -> bool:
    return torch.is_grad_enabled()


def _set_grad_enabled(interpreter: Interpreter, node: ast.AST, mode: Any) -> Opaque:
    return Opaque("enable_grad" if interpreter.true(mode, node) else "no_grad")


def _no(_interpreter: Interpreter, _node: ast.AST, *_args: Any) -> bool:
    """torch.jit.is_scripting() and its like."""
    return False


def _assert(interpreter: Interpreter, node: ast.AST, condition: Any, message: Any = "") -> None:
    """torch._assert."""
    if not (isinstance(condition, torch.Tensor) and interpreter.weightless()) and not interpreter.true(condition, node):
        raise interpreter.wrong(node, f"the text's own assert does not hold: {interpreter.text(message, node)[:200]}")


def _least_squares(interpreter: Interpreter, node: ast.AST, a: Any, b: Any, **_how: Any) -> Instance:
    """torch.linalg.lstsq(A, B), of A (..., m, n) and B (..., m, k): an object with its solution (..., n, k)."""
    if not all(isinstance(one, torch.Tensor) and 1 < one.dim() and one.numel() <= _MAX_SOLVED for one in (a, b)):
        raise interpreter.wrong(node, f"lstsq takes two matrices of at most {_MAX_SOLVED:,} numbers here")
    if a.is_meta or b.is_meta:
        return namespace({"solution": b.new_empty((*b.shape[:-2], a.shape[-1], b.shape[-1]))})
    solve = Known("torch.linalg.lstsq", lambda *given: torch.linalg.lstsq(*given).solution)
    return namespace({"solution": interpreter.call(solve, [a, b], {}, node)})


def _limits(of: Callable[[Any], Any], names: tuple[str, ...]) -> functions.Called:
    """torch.finfo(kind) and torch.iinfo(kind)."""

    def call(interpreter: Interpreter, node: ast.AST, kind: Any = torch.float32) -> Instance:
        try:
            found = of(kind)
        except TypeError as error:
            raise interpreter.failed(node, "this is no such kind of numbers", error) from None
        return namespace({name: getattr(found, name) for name in names})

    return call


def _tuple_of(count: int) -> functions.Called:
    """torch.nn.modules.utils._pair: a number as often, or a row as a tuple."""

    def call(interpreter: Interpreter, node: ast.AST, value: Any) -> tuple[Any, ...]:
        if isinstance(value, int | float | bool | None):
            return (value,) * count
        return tuple(interpreter.items(value, node))

    return call


def _renorming(function: Callable[..., nn.Module]) -> functions.Called:
    """weight_norm(layer), spectral_norm(layer): the layer, whose weight is made of other numbers."""

    def call(interpreter: Interpreter, node: ast.AST, layer: Any, *args: Any, **kwargs: Any) -> Any:
        if not isinstance(layer, nn.Module):
            raise interpreter.wrong(node, f"a layer is wanted here, and this is {bounds.describe(layer)}")
        if interpreter.state.device is not None:
            raise interpreter.wrong(node, "this is done in __init__, and not each time that forward runs")
        for one in (*args, *kwargs.values()):
            if one is not None and not isinstance(one, str | int | float):
                raise interpreter.wrong(node, f"a name and numbers are wanted here, and this is {bounds.describe(one)}")
            if isinstance(one, int | float) and not abs(one) <= MAX_ITERATIONS:
                raise interpreter.wrong(node, f"{one} is more than {MAX_ITERATIONS}, the most that is taken here")
        interpreter.count(node, calls.STEPS_OF_TORCH)
        try:
            with torch.no_grad():  # a weight that remembers how it was made cannot be copied
                return function(layer, *args, **kwargs)
        except Exception as error:  # torch raises nearly anything
            raise interpreter.failed(node, "this layer does not take it", error) from None

    return call


def _mask(interpreter: Interpreter, node: ast.AST, size: Any, **_kind: Any) -> Any:
    """nn.Transformer.generate_square_subsequent_mask: (size, size), -inf above the diagonal and 0 elsewhere."""
    whole = interpreter.call(tables.MADE["full"], [(size, size), -math.inf], {}, node)
    return interpreter.call(tables.MASKING, [whole], {"diagonal": 1}, node)


def passed(_interpreter: Interpreter, node: ast.AST, *_args: Any, **_kwargs: Any) -> Any:
    """What changes nothing here: a seed, a device, whether there is a GPU; a context of torch is known by its name."""
    function = node.func if isinstance(node, ast.Call) else None
    name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
    return False if name == "is_available" else Opaque(name)


# --- by name


def _ours(**named: functions.Called) -> dict[str, Known]:
    return {name: Known(name, function, ours=True) for name, function in named.items()}


def _of_modules(**named: functions.Called) -> dict[str, Known]:
    """Functions of numbers and of rows of them, by the names that a module gives them."""
    return {name: functions.numbers(name, function) for name, function in named.items()}


_OPERATIONS = {
    "add": ast.Add(),
    "sub": ast.Sub(),
    "mul": ast.Mult(),
    "truediv": ast.Div(),
    "floordiv": ast.FloorDiv(),
    "mod": ast.Mod(),
    "matmul": ast.MatMult(),
}
_LARGEST, _SMALLEST = (Known(one.__name__, functions.extreme(one), ours=True) for one in (max, min))
_CHANCE = _of_modules(random=random.random, uniform=random.uniform, randint=random.randint)
_SEEDS = _ours(seed=passed, manual_seed=passed)
_ENVIRONMENT = Namespace("os.environ", _ours(get=_option))
MODULES: dict[str, Namespace] = {
    "collections": Namespace(
        "collections",
        {
            **_ours(OrderedDict=functions.mapping(OrderedDict), defaultdict=_with_default, namedtuple=_named_tuple),
            "abc": Namespace("collections.abc", {name: Opaque(name) for name in tables.ANNOTATIONS}),
        },
    ),
    "functools": Namespace(
        "functools",
        {
            **_ours(partial=_partial, reduce=_reduce),
            **{name: Opaque(name) for name in ("wraps", "lru_cache", "cache", "cached_property", "total_ordering")},
        },
    ),
    "itertools": Namespace(
        "itertools",
        {
            **_ours(repeat=_repeat, product=_product, accumulate=_accumulate, zip_longest=_longest, pairwise=_pairs),
            **_ours(chain=_chain),
        },
    ),
    "operator": Namespace(
        "operator",
        {**_ours(**{name: _operation(one) for name, one in _OPERATIONS.items()}), **_ours(itemgetter=_at)},
    ),
    "dataclasses": Namespace("dataclasses", records.OFFERED),
    "argparse": Namespace("argparse", {**options.ARGPARSE.members, **_ours(Namespace=_simple)}),
    "contextlib": Namespace("contextlib", {**_ours(nullcontext=passed), "contextmanager": Opaque("ignore")}),
    "re": Namespace("re", _ours(split=_parted)),
    "inspect": Namespace("inspect", _ours(isfunction=_is_function, isclass=_is_class)),
    "copy": Namespace("copy", _ours(copy=_copied, deepcopy=_deep_copied)),
    "json": Namespace("json", _ours(loads=_loads)),
    "os": Namespace("os", {"environ": _ENVIRONMENT, **_ours(getenv=_option)}),
    "types": Namespace("types", _ours(SimpleNamespace=_simple)),
    "random": Namespace("random", {**_CHANCE, **_ours(choice=_chosen), **_SEEDS}),
    "numpy": Namespace(
        "numpy",
        {
            **{name: Known(f"np.{name}", getattr(math, name)) for name in ("sqrt", "ceil", "floor", "exp", "log")},
            **{name: Known(f"np.{name}", getattr(math, name)) for name in ("log2", "log10", "sin", "cos", "prod")},
            **arrays.OF_NUMPY,
            **_ours(sum=functions.sum_, power=_power),
            **_ours(
                max=functions.extreme(max),
                min=functions.extreme(min),
                maximum=functions.extreme(max),
                minimum=functions.extreme(min),
            ),
            **_of_modules(abs=abs, round=round, mean=lambda row: sum(row) / len(row)),
            **_of_modules(isscalar=lambda value: isinstance(value, int | float | str)),
            **{name: getattr(torch, name) for name in ("float32", "float64", "float16", "int32", "int64", "uint8")},
            "pi": math.pi,
            "inf": math.inf,
            "random": Namespace(
                "np.random", {**_of_modules(rand=random.random, random=random.random, uniform=random.uniform), **_SEEDS}
            ),
        },
    ),
    "math": Namespace(
        "math",
        {
            **{name: Known(f"math.{name}", getattr(math, name)) for name in tables.MATH},
            **{name: getattr(math, name) for name in ("pi", "e", "inf", "nan", "tau")},
        },
    ),
}
OF_TORCH: dict[str, Known] = {  # what `tables` puts under torch's names
    **_ours(checkpoint=_checkpoint, is_grad_enabled=_grad_enabled, set_grad_enabled=_set_grad_enabled),
    **{f"{name} as it was": Known(name, _renorming(getattr(utils, name)), ours=True) for name in tables.RENORMING},
    **_ours(**{name: _renorming(getattr(utils.parametrizations, name)) for name in tables.RENORMING}),
    **_ours(lstsq=_least_squares),
    **_ours(finfo=_limits(torch.finfo, ("bits", "eps", "max", "min", "tiny", "smallest_normal"))),
    **_ours(iinfo=_limits(torch.iinfo, ("bits", "max", "min"))),
    **_ours(is_scripting=_no, is_tracing=_no, from_numpy=arrays.from_numpy, _assert=_assert),
    **_ours(_single=_tuple_of(1), _pair=_tuple_of(2), _triple=_tuple_of(3), _quadruple=_tuple_of(4)),
}
BEHIND: dict[tuple[str, str], Known] = {  # what stands behind the dot of a function or of a layer's class
    ("chain", "from_iterable"): Known("from_iterable", _chained, ours=True),
    ("dict", "fromkeys"): Known("fromkeys", _from_keys, ours=True),
    ("OrderedDict", "fromkeys"): Known("fromkeys", _from_keys, ours=True),
    ("Transformer", "generate_square_subsequent_mask"): Known("mask", _mask, ours=True),
}
