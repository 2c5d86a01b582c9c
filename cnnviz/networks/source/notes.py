"""What is to be said of the reading of a text."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice

from torch import nn

from cnnviz.networks.notation.parser import NotationError
from cnnviz.networks.source.cleaning import Cleaned
from cnnviz.networks.source.program import Program
from cnnviz.networks.source.ready_made import asks_for_weights, calls_in
from cnnviz.networks.source.statements import leaves_layers
from cnnviz.networks.source.tables import LAYERS
from cnnviz.networks.source.thrown import shown, thrown_away
from cnnviz.networks.source.values import Unknown

_LASTING = (  # layers that keep something from one call to the next: weights, or whether the network is trained
    *("Conv", "Linear", "Bilinear", "BatchNorm", "InstanceNorm", "LayerNorm", "GroupNorm", "RMSNorm", "PReLU"),
    *("LSTM", "GRU", "RNN", "MultiheadAttention", "Transformer", "Dropout", "AlphaDropout", "FeatureAlphaDropout"),
)
MOST = 6  # sentences on one kind of thing
_NOBODY = Unknown("", 1)
_PLAIN = ("list", "tuple", "dict")


def notes(program: Program, cleaned: Cleaned, place: Callable[[int, int], tuple[int, int]]) -> tuple[str, ...]:
    """What was passed over or mended, and what does something else than its writer may think; `place` gives the
    reader's line and column."""
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
    notes += cleaned.remarks
    if undecorated := program.interpreter.undecorated:
        where = sorted({place(one.lineno, 0)[0] for one in undecorated})
        which = f"the decorator in line {where[0]:,}"
        if len(where) > 1:
            which = f"decorators, the first of them in line {where[0]:,}"
        notes.append(f"What stands below {which}, not read here, is taken as it is written.")
    for name, line in program.interpreter.assumed.items():
        notes.append(f"{name} in line {line} is not defined in the text: nn.Module is taken in its place.")
    for called in islice(_undefined(program, cleaned.nodes), MOST):
        line, _ = place(called.lineno, called.col_offset)
        notes.append(
            f"{called.id[:40]} in line {line} is not defined in the text and was passed over: by its name it changes "
            "no layer."
        )
    for node in _always_dropping(cleaned.nodes):
        line, _ = place(node.lineno, node.col_offset)
        if any(_asks_for_training(one) for one in node.args[1:2]):
            notes.append(
                f"The dropout in line {line} takes self.training for the share that it drops, which is all of it in "
                "training; write training=self.training."
            )
        else:
            notes.append(
                f"The dropout in line {line} stays on in evaluation, too; write training=self.training into its call."
            )
    for node, name in calls_in(cleaned.nodes):
        if asks_for_weights(node):
            line, _ = place(node.lineno, node.col_offset)
            notes.append(f"The weights of {name} in line {line} are not downloaded here: it begins with fresh ones.")
    for result, meant in islice(thrown_away(cleaned.nodes), MOST):
        line, _ = place(result.lineno, result.col_offset)
        notes.append(f"Line {line} computes {shown(result)} and throws it away: write {meant}.")
    for at, name, owner, outer in cleaned.nested:
        line, _ = place(at, 0)
        notes.append(
            f"{name} in line {line} is indented into {outer}, where torch does not find it (NotImplementedError): it "
            f"is read as a method of {owner}; indent it as {outer} is."
        )
    for node, name in _made_anew(cleaned.nodes):
        line, _ = place(node.lineno, node.col_offset)
        why = "stays on in evaluation, too" if "Dropout" in name else "has new weights each time and never learns"
        notes.append(f"The {name} in line {line} is made in forward, so that it {why}; make it in __init__.")
    return tuple(notes)


def _within(functions: Sequence[ast.FunctionDef]) -> Iterator[ast.AST]:
    """The nodes of functions, each once, however deeply these stand in one another; the outer ones come first."""
    gone_through: set[int] = set()
    for one in functions:
        if id(one) not in gone_through:
            for inner in ast.walk(one):
                if isinstance(inner, ast.FunctionDef):
                    gone_through.add(id(inner))
                yield inner


def _undefined(program: Program, nodes: Sequence[ast.AST]) -> Iterator[ast.Name]:
    """The first of each name that nobody has defined in calls within functions, freeze(self), whose result nobody
    takes and which are passed over for the name."""
    functions = [one for one in nodes if isinstance(one, ast.FunctionDef)]
    own = {one.name for one in functions} | {one.arg for one in nodes if isinstance(one, ast.arg)}
    own |= {one.id for one in nodes if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store)}
    seen = set[str]()
    for node in _within(functions):
        match node:
            case ast.Expr(value=ast.Call(func=ast.Name(id=name) as called)) if leaves_layers(called):
                if name not in own | seen and isinstance(program.names.get(name, _NOBODY), Unknown):
                    seen.add(name)
                    yield called


def _made_anew(nodes: Iterable[ast.AST]) -> Iterator[tuple[ast.Call, str]]:
    """The layers that a forward makes and calls at once, nn.Linear(3, 2)(x), where that is not the same as one that
    is made in __init__."""
    forwards = [one for one in nodes if isinstance(one, ast.FunctionDef) and one.name == "forward"]
    for node in (inner for one in forwards for inner in ast.walk(one)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Call) and isinstance(node.func.func, ast.Attribute):
            name = node.func.func.attr
            if name in LAYERS and name.startswith(_LASTING):
                yield node, name


def plain_lists(cleaned: Cleaned, make: Callable[[], nn.Module]) -> Iterator[str]:
    """What is to be said of layers in a plain list, of which torch does not know; `make` gives the network."""
    if not any(_puts_into_list(node) for node in cleaned.nodes):
        return
    try:
        network = make()
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


def _always_dropping(nodes: Sequence[ast.AST]) -> list[ast.Call]:
    """Calls of F.dropout that do not say whether the network is being trained, and are carried out where it is not."""
    choices = (one for one in nodes if isinstance(one, ast.If | ast.IfExp))
    chosen = {id(node) for one in choices if _asks_for_training(one.test) for node in ast.walk(one)}
    return [
        node
        for node in nodes
        if isinstance(node, ast.Call)
        and id(node) not in chosen
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in ("dropout", "dropout2d", "alpha_dropout")
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id in ("F", "functional")
        and len(node.args) < 3
        and not any(one.arg in ("training", None) for one in node.keywords)
    ]


def _asks_for_training(test: ast.expr) -> bool:
    return any(isinstance(one, ast.Attribute) and one.attr == "training" for one in ast.walk(test))
