"""A network as the Python that people have: which of its classes is meant, with which arguments, and what it takes."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from copy import deepcopy
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import torch
from torch import nn
from torch.nn.modules.lazy import LazyModuleMixin
from torch.nn.parameter import UninitializedBuffer, UninitializedParameter

from cnnviz.networks.notation.parser import NotationError
from cnnviz.networks.source.calls import check_executions
from cnnviz.networks.source.classes import misspelt
from cnnviz.networks.source.cleaning import Cleaned, clean
from cnnviz.networks.source.cleaning.lines import BREAKS
from cnnviz.networks.source.interpreter import Interpreter
from cnnviz.networks.source.program import Program, carried_out
from cnnviz.networks.source.tables import LAYERS
from cnnviz.networks.source.values import Class, Created, Function

MAX_TRACED = 2_000_000_000  # parameters of a network that is followed, without weights
MAX_LOOSE = 10_000_000  # parameters of layers that are made with a network and are none of its own
_META = torch.device("meta")
_LASTING = (  # layers that keep something from one call to the next: weights, or whether the network is trained
    *("Conv", "Linear", "Bilinear", "BatchNorm", "InstanceNorm", "LayerNorm", "GroupNorm", "RMSNorm", "PReLU"),
    *("LSTM", "GRU", "RNN", "MultiheadAttention", "Transformer", "Dropout", "AlphaDropout", "FeatureAlphaDropout"),
)
_PLAIN = ("list", "tuple", "dict")


@dataclass(frozen=True)
class Candidate:
    """A network that a text may mean: a class, or layers with a name; `line` is where it stands."""

    name: str
    line: int
    made: bool  # whether the text itself makes one


@dataclass(frozen=True)
class Argument:
    """An argument of a class that has no default: its name, and its value as the text writes it, '' where it does
    not."""

    name: str
    text: str


@dataclass(frozen=True)
class Source:
    """A text that was read. `chosen` is the candidate that is meant; `arguments` are those without default of its
    class, `inputs` the names of what its forward takes, `notes` what is to be said of the reading."""

    cleaned: Cleaned
    candidates: tuple[Candidate, ...]
    chosen: Candidate
    arguments: tuple[Argument, ...]
    inputs: tuple[str, ...]
    notes: tuple[str, ...]
    program: Program

    def weightless(self, shapes: Sequence[tuple[int, ...]] = ()) -> nn.Module:
        """The network on the meta device: shapes without numbers. Lazy layers take their sizes from inputs of
        `shapes`, each without its batch. Raises NotationError."""
        with _META:
            network = self._network(self.program)
            check_executions(self.program.interpreter, network, self.cleaned.tree.body[0])
            count = sum(parameter.numel() for parameter in network.parameters() if not _is_lazy(parameter))
            if count > MAX_TRACED:
                raise NotationError(
                    f"the network has {count:,} parameters and {MAX_TRACED:,} are the most", self.chosen.line, 1
                )
            return _settled(_copied(network), shapes)

    def build(self, shapes: Sequence[tuple[int, ...]] = ()) -> nn.Module:
        """The network with fresh weights on torch's current default device, as the class itself would make them."""
        network = self.weightless()
        wanted = {module.__dict__.get("made_by") for module in network.modules()}
        spans, here = self.program.statements, torch.get_default_device()
        self._check_held(network, [one for one in wanted if one is not None])

        def device_of(index: int) -> torch.device:
            first, after = spans[index]
            return here if any(number is not None and first <= number < after for number in wanted) else _META

        again = carried_out(self.cleaned.tree, _place(self.cleaned), device_of)
        return _settled(self._network(again), shapes)

    def _check_held(self, network: nn.Module, numbers: Sequence[int]) -> None:
        """Refuses layers that are made with the network and are none of its own: nobody has counted them."""
        held, spans = self.program.interpreter.held, self.program.statements
        made = sum(held[spans[-1][1] :])
        made += sum(sum(held[a:b]) for a, b in spans if any(a <= number < b for number in numbers))
        own = sum(one.numel() for one in network.parameters() if not _is_lazy(one))
        if made > own + MAX_LOOSE:
            raise NotationError(
                f"layers with {made:,} parameters are made, and {own:,} are the network's own; leave out the others, "
                "or put them into an nn.ModuleList",
                self.chosen.line,
                1,
            )

    @property
    def complete(self) -> str:
        """The text with the choice and the arguments written below it, so that it stands for itself; of a text with
        more in it than Python, the Python alone."""
        given = ", ".join(f"{one.name}={one.text}" for one in self.arguments)
        kind, text = self.program.meant(self.chosen.name), self.cleaned.text
        first = self.candidates[0] == self.chosen and self.chosen.made
        if not all(one.text.strip() for one in self.arguments):
            return self.cleaned.own
        if not isinstance(kind, Class) or (first and self.arguments == _arguments(kind, _call_of(self.program, kind))):
            return self.cleaned.own
        if self.chosen.name in self.program.earlier:
            starts = [0, *(found.end() for found in BREAKS.finditer(text))]
            text = text[: starts[_next_of(self.cleaned.tree, kind.node).lineno - 1]]
        return f"{text.rstrip()}\n\nmodel = {kind.name}({given})\n"

    @property
    def is_empty(self) -> bool:
        """Whether it is a row of no layers, as nn.Sequential() is."""
        row = self.program.meant(self.chosen.name)
        return isinstance(row, nn.Sequential) and len(row) == 0

    @cached_property
    def parameters(self) -> int:
        """How many parameters it has."""
        return sum(parameter.numel() for parameter in self.weightless().parameters() if not _is_lazy(parameter))

    def _network(self, program: Program) -> nn.Module:
        """The chosen network of a program that was carried out."""
        kind = program.meant(self.chosen.name)
        if not isinstance(kind, Class):
            if not isinstance(kind, nn.Module):
                raise NotationError(f"{self.chosen.name} is no network", self.chosen.line, 1)
            return kind
        made = _last(program, kind)
        if made is not None and self.arguments == _arguments(kind, made.node):
            return made.network
        return self._made(program, kind, made)

    def _made(self, program: Program, kind: Class, made: Created | None) -> nn.Module:
        """The network of a class, with the arguments that the reader gives, or that the text has given elsewhere."""
        interpreter = program.interpreter
        missing = [one.name for one in self.arguments if not one.text.strip()]
        if missing:
            raise NotationError(
                f"{kind.name} needs {' and '.join(missing)}; give a value, or write model = {kind.name}(...) below it",
                self.chosen.line,
                1,
            )
        own = [one.arg for one in _parameters(kind)]
        kwargs = {name: value for name, value in (made.given if made else {}).items() if name in own}
        written = _arguments(kind, made.node if made else None)
        end = program.statements[-1][1]
        del interpreter.made[end:], interpreter.held[end:]  # of a network that was made before
        before = len(interpreter.created)
        try:
            with interpreter.making():
                if made is None:
                    for name, expression in _given(kind, program.tried.get(kind.name)).items():
                        kwargs[name] = interpreter.value(expression, interpreter.globals)
                for argument in self.arguments:
                    if argument not in written:
                        kwargs[argument.name] = self._value(interpreter, argument)
                network = interpreter.call(kind, [], kwargs, kind.node)
        except NotationError:
            raise
        except Exception as error:  # what torch raises while a network is made
            raise interpreter.failed(getattr(error, "raised_at", kind.node), "this cannot be built", error) from None
        finally:
            del interpreter.created[before:]
        if not isinstance(network, nn.Module):
            raise NotationError(f"{kind.name} is no network", self.chosen.line, 1)
        return network

    def _value(self, interpreter: Interpreter, argument: Argument) -> Any:
        """The value of an argument that the reader gives beside the text."""
        try:
            expression = ast.parse(argument.text.strip(), mode="eval").body
        except (SyntaxError, ValueError, MemoryError, RecursionError):
            why = "this is no value; write one such as 10"
        else:
            try:
                return interpreter.value(expression, interpreter.globals)
            except NotationError as error:
                why = error.reason
        raise NotationError(f"{argument.name} = {argument.text[:40]}: {why}", self.chosen.line, 1)


def made_of(source: Source) -> Created | None:
    """What the text itself has made of the chosen class, with the arguments that are chosen."""
    kind = source.program.meant(source.chosen.name)
    made = _last(source.program, kind) if isinstance(kind, Class) else None
    return made if made is not None and source.arguments == _arguments(made.kind, made.node) else None


def read(text: str, chosen: str = "", arguments: Mapping[str, str] | None = None) -> Source:
    """What a text says: nothing of it is executed. `chosen` names the candidate that is meant, the first one where it
    is none of them; `arguments` are values for those that its class has no default for. Raises NotationError with a
    sentence, line and column."""
    cleaned = clean(text)
    program = carried_out(cleaned.tree, _place(cleaned))
    candidates = _candidates(program, cleaned)
    if not candidates:
        raise _nothing(program, cleaned)
    if chosen in program.classes() and chosen not in (one.name for one in candidates):
        candidates += (_candidate(chosen, False, program, cleaned),)
    meant = next((one for one in candidates if one.name == chosen), candidates[0])
    kind = program.meant(meant.name)
    asked: tuple[Argument, ...] = ()
    if isinstance(kind, Class):
        known, written = arguments or {}, _arguments(kind, _call_of(program, kind))
        asked = tuple(Argument(one.name, known.get(one.name) or one.text) for one in written)
    found = Source(cleaned, candidates, meant, asked, _inputs(kind), _notes(program, cleaned), program)
    return replace(found, notes=(*found.notes, *dict.fromkeys(_plain_lists(found))))


def _place(cleaned: Cleaned) -> Callable[[int, int], tuple[int, int]]:
    """The line and column in the reader's text, from 1, of a place that the tree gives: its columns count bytes."""
    lines = cleaned.text.split("\n")

    def place(line: int, column: int) -> tuple[int, int]:
        before = lines[line - 1].encode()[:column] if line <= len(lines) else b""
        return cleaned.place(line, len(before.decode(errors="ignore")) + 1)

    return place


def _settled(network: nn.Module, shapes: Sequence[tuple[int, ...]]) -> nn.Module:
    """The network, its lazy layers with the sizes that inputs of those shapes give them."""
    if shapes and any(isinstance(module, LazyModuleMixin) for module in network.modules()):
        training = network.training
        with torch.no_grad(), suppress(RuntimeError, TypeError, IndexError):  # what torch raises where it does not fit
            network.eval()(*(torch.zeros(2, *shape) for shape in shapes))
        network.train(training)
    return network


def _copied(network: nn.Module) -> nn.Module:
    """A copy; torch cannot copy a buffer that has no size yet, and takes long over empty dictionaries of hooks."""
    known: dict[int, Any] = {id(one): UninitializedBuffer() for one in network.buffers() if _is_sizeless(one)}
    for module in network.modules():
        hooks = (value for name, value in vars(module).items() if "_hooks" in name and not value)
        known |= {id(value): type(value)() for value in hooks}
    return deepcopy(network, known)


def _is_sizeless(buffer: torch.Tensor) -> bool:
    return isinstance(buffer, UninitializedBuffer)


def _is_lazy(parameter: torch.Tensor) -> bool:
    return isinstance(parameter, UninitializedParameter)


# --- which network is meant


def _candidates(program: Program, cleaned: Cleaned) -> tuple[Candidate, ...]:
    """The classes and layers that the text makes networks of, in its order, what is part of another last; then the
    last class that no other class uses."""
    classes, networks = program.classes(), program.networks()
    name_of = {id(kind): name for name, kind in classes.items()}
    created = [one for one in program.interpreter.created if id(one.kind) in name_of]
    inner = {id(part) for one in created for part in list(one.network.modules())[1:]}
    inner |= {id(part) for one in networks.values() for part in list(one.modules())[1:]}
    names = [name for name in program.tried if name in classes and not _last(program, classes[name])]
    names += [name_of[id(one.kind)] for one in created if id(one.network) not in inner]
    rows = [name for name, one in networks.items() if "_text" not in one.__dict__ and isinstance(one, nn.Sequential)]
    names = [*rows, *names]
    used = {
        one.id
        for kind in classes.values()
        for one in ast.walk(kind.node)
        if isinstance(one, ast.Name) and one.id != kind.name
    }
    if names:
        names.insert(0, names.pop())  # what is made last is meant
    made = set(names)
    names += [name for name in reversed(classes) if name not in used][:1]
    if not names:
        names += list(classes)[-1:] or list(networks)[-1:]
    return tuple(_candidate(name, name in made, program, cleaned) for name in dict.fromkeys(names))


def _candidate(name: str, made: bool, program: Program, cleaned: Cleaned) -> Candidate:
    kind = program.meant(name)
    line = kind.node.lineno if isinstance(kind, Class) else _line_of(name, cleaned.tree)
    return Candidate(name, cleaned.place(line, 1)[0], made)


def _line_of(name: str, tree: ast.Module) -> int:
    """Where a name is given first; 1 for what has none."""
    nodes = (one for one in ast.walk(tree) if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store))
    return min((one.lineno for one in nodes if one.id == name), default=1)


def _next_of(tree: ast.Module, node: ast.ClassDef) -> ast.ClassDef:
    """The next class of the same name."""
    same = [one for one in ast.walk(tree) if isinstance(one, ast.ClassDef) and one.name == node.name]
    return min((one for one in same if one.lineno > node.lineno), key=lambda one: one.lineno)


def _nothing(program: Program, cleaned: Cleaned) -> NotationError:
    """Why a text has no network."""
    for node in cleaned.tree.body:
        if isinstance(node, ast.ClassDef) and node.name in program.broken:
            return program.broken[node.name]
    classes = [one for one in program.names.values() if isinstance(one, Class) and one.base is not None]
    if classes:
        at = _place(cleaned)(classes[-1].node.lineno, classes[-1].node.col_offset)
        hint = misspelt(program.interpreter, classes[-1], "forward") or "; write def forward(self, x) into it"
        return NotationError(f"{classes[-1].name} has no forward, which says what it does with its input{hint}", *at)
    if program.why is not None:
        return program.why
    return NotationError("there is no network; write nn.Sequential(...) or a class Net(nn.Module)", 1, 1)


# --- arguments and inputs


def _parameters(kind: Class) -> list[ast.arg]:
    """The parameters of a class's __init__, without self."""
    try:
        own = kind.find("__init__")
    except KeyError:
        return []
    if not isinstance(own, Function) or isinstance(own.node, ast.Lambda):
        return []
    return [*own.node.args.posonlyargs, *own.node.args.args][1:] + own.node.args.kwonlyargs


def _last(program: Program, kind: Class) -> Created | None:
    """What the text has made of a class last."""
    return next((one for one in reversed(program.interpreter.created) if one.kind is kind), None)


def _call_of(program: Program, kind: Class) -> ast.Call | None:
    """The call by which the text makes a network of the class, also one that failed."""
    made = _last(program, kind)
    return made.node if made is not None else program.tried.get(kind.name)


def _given(kind: Class, node: ast.Call | None) -> dict[str, ast.expr]:
    """What a call gives for the parameters of a class, by name, as far as it is written out."""
    if node is None or any(isinstance(one, ast.Starred) for one in node.args):
        return {}
    names = [one.arg for one in _parameters(kind)]
    return {**dict(zip(names, node.args)), **{one.arg: one.value for one in node.keywords if one.arg in names}}


def _arguments(kind: Class, node: ast.Call | None) -> tuple[Argument, ...]:
    """The parameters without default, with what the call gives for them."""
    try:
        own = kind.find("__init__")
    except KeyError:
        return ()
    given = _given(kind, node)
    return tuple(
        Argument(one.arg, ast.unparse(given[one.arg]) if one.arg in given else "")
        for one in _parameters(kind)
        if isinstance(own, Function) and one.arg not in own.defaults
    )


def _inputs(kind: Any) -> tuple[str, ...]:
    """The names of what a network's forward takes, without those that have a default."""
    forward = None
    if isinstance(kind, Class):
        forward = next((one.members["forward"] for one in kind.order() if "forward" in one.members), None)
    elif isinstance(kind, nn.Module) and "_text" in kind.__dict__:
        forward = kind.__dict__["_text"].forward
    if not isinstance(forward, Function):
        return ("input",)
    arguments = forward.node.args
    names = [one.arg for one in (*arguments.posonlyargs, *arguments.args)][1:]
    return tuple(name for name in names if name not in forward.defaults) or tuple(names[:1]) or ("input",)


# --- what is to be said of the reading


def _notes(program: Program, cleaned: Cleaned) -> tuple[str, ...]:
    notes = []
    passed, joined = program.passed + cleaned.passed, cleaned.joined
    parts = []
    if passed:
        lines = "1 line that does not build the network was" if passed == 1 else (
            f"{passed:,} lines that do not build the network were"
        )  # fmt: skip
        parts.append(f"{lines} passed over")
    if cleaned.moved:
        parts.append(f"{cleaned.moved:,} line{'s were' if cleaned.moved > 1 else ' was'} indented again")
    if joined:
        parts.append(f"{joined:,} line{'s were' if joined > 1 else ' was'} joined")
    if parts:
        notes.append(f"{', '.join(parts)}.")
    place = _place(cleaned)
    for node in _always_dropping(cleaned.tree):
        line, _ = place(node.lineno, node.col_offset)
        notes.append(
            f"The dropout in line {line} stays on in evaluation, too; write training=self.training into its call."
        )
    for node, name in _made_anew(cleaned.tree):
        line, _ = place(node.lineno, node.col_offset)
        why = "stays on in evaluation, too" if "Dropout" in name else "has new weights each time and never learns"
        notes.append(f"The {name} in line {line} is made in forward, so that it {why}; make it in __init__.")
    return tuple(notes)


def _made_anew(tree: ast.Module) -> Iterator[tuple[ast.Call, str]]:
    """The layers that a forward makes and calls at once, nn.Linear(3, 2)(x), where that is not the same as one that
    is made in __init__."""
    forwards = [one for one in ast.walk(tree) if isinstance(one, ast.FunctionDef) and one.name == "forward"]
    for node in (inner for one in forwards for inner in ast.walk(one)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Call) and isinstance(node.func.func, ast.Attribute):
            name = node.func.func.attr
            if name in LAYERS and name.startswith(_LASTING):
                yield node, name


def _plain_lists(found: Source) -> Iterator[str]:
    """What is to be said of layers in a plain list, of which torch does not know."""
    if not any(_puts_into_list(node) for node in ast.walk(found.cleaned.tree)):
        return
    try:
        network = found.weightless()
    except NotationError:  # which is said wherever the network is asked for
        return
    known = set(network.modules())
    for module in network.modules():
        for name in sorted(module.__dict__.get("named", ())):
            value = module.__dict__.get(name)
            items = list(value.values()) if isinstance(value, dict) else value
            if not isinstance(items, list | tuple):
                continue
            if any(isinstance(one, nn.Module) and one not in known and list(one.parameters()) for one in items):
                kind = "nn.ModuleDict" if isinstance(value, dict) else "nn.ModuleList"
                yield (
                    f"The layers in self.{name} of {type(module).__name__} stay as they are in training, for torch "
                    f"does not look into a plain {type(value).__name__}; write {kind}(...) around it."
                )


def _puts_into_list(node: ast.AST) -> bool:
    """self.layers = [...], and what else may make a plain list of layers."""
    if not isinstance(node, ast.Assign) or not any(isinstance(one, ast.Attribute) for one in node.targets):
        return False
    kinds = (ast.List, ast.ListComp, ast.Tuple, ast.Dict, ast.DictComp)
    plain = isinstance(node.value, ast.Call) and isinstance(node.value.func, ast.Name) and node.value.func.id in _PLAIN
    return plain or isinstance(node.value, kinds)


def _always_dropping(tree: ast.Module) -> list[ast.Call]:
    """Calls of F.dropout that do not say whether the network is being trained."""
    return [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in ("dropout", "dropout2d", "alpha_dropout")
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id in ("F", "functional")
        and len(node.args) < 3
        and not any(one.arg in ("training", None) for one in node.keywords)
    ]
