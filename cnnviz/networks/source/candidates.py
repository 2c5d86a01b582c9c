"""Which network of a text is meant."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from torch import nn

from cnnviz.networks.source.arguments import MAX_TRIED, makers_of, needs, required
from cnnviz.networks.source.builders import builders, own_nodes, parameters, uses
from cnnviz.networks.source.cleaning import Cleaned
from cnnviz.networks.source.modules import kind_of
from cnnviz.networks.source.program import UNNAMED, Program
from cnnviz.networks.source.reach import free
from cnnviz.networks.source.ready_made import is_ready_made
from cnnviz.networks.source.scripts import Script, is_network
from cnnviz.networks.source.values import Class, Function

MAX_FACTORIES = 16
MAX_CHOICES = 16  # of classes that a text makes nothing of


@dataclass(frozen=True)
class Candidate:
    """A network that a text may mean: a class, layers with a name, or a function that makes one; `line` is where it
    stands."""

    name: str
    line: int
    made: bool  # whether the text itself makes one


def candidates(program: Program, cleaned: Cleaned) -> tuple[Candidate, ...]:
    """The classes and layers that the text makes networks of, in its order but what is made last first; then the last
    class that no other class uses, or all of these where it makes none; then the functions that make a row of layers
    and that nothing uses, before a class that stands in one of them. A loss comes behind all."""
    classes = program.classes()
    names = _made(program, classes)
    if (named := _named_last(program, cleaned.tree, names)) is not None:
        names.append(named)
    losses = [name for name in names if len({*names}) > 1 and name in classes and _is_loss(program, classes[name])]
    meant = [name for name in names if name not in losses]
    if meant and (simpler := _with_fewer_inputs(program, meant)) is not None:
        meant.append(meant.pop(meant.index(simpler)))
    names = meant[-1:] + meant[:-1] + losses
    made = {*names}
    unused, further = _unused(program, classes, cleaned.tree)
    if made:
        inner = _within_rows(program)
        unused, further = [name for name in unused if classes[name] not in inner], []
    serve = named is None and all(_serves(program, one, unused, classes, cleaned.nodes) for one in names)
    names = [*unused, *names] if serve else [*names, *unused]
    functions = builders(program, cleaned.tree, classes)
    if not names:
        names += list(classes)[-1:] or ([] if functions else list(program.networks())[-1:])
    whole = names[0] not in made and any(uses(cleaned.tree, one, names[0]) for one in functions) if names else True
    names = [*functions, *names, *further] if whole else [*names, *further, *functions]
    lines = _lines_of(cleaned.nodes)
    return tuple(candidate(name, name in made, program, cleaned, lines.get(name, 1)) for name in dict.fromkeys(names))


def with_script(
    script: Script, several: tuple[Candidate, ...], program: Program, cleaned: Cleaned
) -> tuple[Candidate, ...]:
    """The candidates with the lines at the top of a text that hand a tensor through its layers: before all where these
    are layers alone, or the network that would be meant is one of theirs, but where the last line names another one;
    behind them elsewhere. Networks of which a loop over data calls one more often than another, as the two of a GAN,
    are none."""
    whole = Candidate(script.made.name, cleaned.place(script.made.lineno, 1)[0], True)
    classes = program.classes()
    others = tuple(one for one in several if one.name in classes or is_network(program.names.get(one.name)))
    functions = tuple(one for one in several if isinstance(program.meant(one.name), Function))
    if not others:
        return (whole, *functions)
    if len(script.runs) < 2 or (script.by_turns and all(is_network(program.names.get(one)) for one in script.runs)):
        return several
    if not _is_run(others[0].name, script, program) or _named_last(program, cleaned.tree, [one.name for one in others]):
        return (*others, whole, *functions)
    return (whole, *others, *functions)


def as_linked(program: Program, several: tuple[Candidate, ...], arguments: Iterable[str]) -> tuple[Candidate, ...]:
    """The candidates in the order for a link that names none: a function that makes a row comes first where it takes
    the arguments that the link gives; one from before it was a candidate gives those of a class."""
    function = program.meant(several[0].name)
    if not isinstance(function, Function) or {*arguments} <= {*parameters(function)}:
        return several
    return tuple(sorted(several, key=lambda one: isinstance(program.meant(one.name), Function)))


def loose_layers(program: Program, several: tuple[Candidate, ...]) -> list[str]:
    """The names of layers, where a text has nothing else that could be meant."""
    values = [program.names.get(one.name) for one in several]
    if any(is_network(one) or isinstance(one, Function) for one in values):
        return []
    if any(one.name in program.classes() for one in several):
        return []
    return [name for name in program.networks() if name != UNNAMED] if not program.failed_rows() else []


def _is_run(name: str, script: Script, program: Program) -> bool:
    """Whether a script hands its tensor through the network of a candidate, or through a part of it."""
    meant = program.meant(name)
    made = program.last(meant) if isinstance(meant, Class) else None
    network = meant if made is None else made.network
    parts = {*network.modules()} if isinstance(network, nn.Module) else set()
    return any(one in parts for one in map(program.names.get, script.runs) if isinstance(one, nn.Module))


def factories(program: Program, cleaned: Cleaned, first: Candidate) -> tuple[Candidate, ...]:
    """The functions at the top of a text that make the network which it means `first` and makes none of itself, as
    resnet18() and resnet34() do, each called without arguments; none where there is only one, which says no more than
    the class does with its arguments."""
    kind = program.meant(first.name)
    if not isinstance(kind, Class) or first.made:
        return ()
    makers = {kind.name, *makers_of(cleaned.tree, kind.name)}
    functions = [one for one in cleaned.tree.body if isinstance(one, ast.FunctionDef) and one.name in makers]
    found = []
    for one in functions:
        function = program.names.get(one.name)
        callable_alone = isinstance(function, Function) and not needs(function) and not one.name.startswith("_")
        if callable_alone and _gives(one, makers):
            found.append(candidate(one.name, False, program, cleaned, one.lineno))
    return tuple(found[:MAX_FACTORIES]) if len(found) > 1 else ()


def _gives(function: ast.FunctionDef, makers: set[str]) -> bool:
    """Whether what a function gives back is what a call of one of those names makes, or a name for that."""
    nodes = [*own_nodes(function)]
    made = {
        target.id
        for one in nodes
        if isinstance(one, ast.Assign) and _is_made(one.value, makers)
        for target in one.targets
        if isinstance(target, ast.Name)
    }
    given = [one.value for one in nodes if isinstance(one, ast.Return) and one.value is not None]
    return any(_is_made(one, makers) or (isinstance(one, ast.Name) and one.id in made) for one in given)


def _is_made(expression: ast.expr, makers: set[str]) -> bool:
    """Net(...), also one that is sent somewhere at once: Net(...).to(device)."""
    while isinstance(expression, ast.Call) and isinstance(expression.func, ast.Attribute):
        expression = expression.func.value
    return isinstance(expression, ast.Call) and isinstance(expression.func, ast.Name) and expression.func.id in makers


def candidate(name: str, made: bool, program: Program, cleaned: Cleaned, line: int = 1) -> Candidate:
    """The candidate of a name, with its line in the reader's text; that of layers is given as the tree counts it."""
    kind = program.meant(name)
    at = kind.node.lineno if isinstance(kind, Class | Function) else line
    return Candidate(name, cleaned.place(at, 1)[0], made)


def inputs_of(kind: Any) -> tuple[str, ...]:
    """The names of what the forward of a class or network takes, without those that have a default."""
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


def _made(program: Program, classes: Mapping[str, Class]) -> list[str]:
    """The names of what the text makes or tries to make, in the order of its statements. Layers in a row of their own
    come first, unless they hold what was made of the text's classes, or nothing stands for that any more, and before
    all those whose name a line would have given to something else."""
    name_of = {id(kind): name for name, kind in classes.items()}
    networks = program.networks()
    created = [one for one in program.interpreter.created if id(one.kind) in name_of]
    inner = {id(part) for one in created for part in list(one.network.modules())[1:]}
    inner |= {id(part) for one in networks.values() for part in list(one.modules())[1:]}
    standing = {id(one) for one in program.names.values()}
    found = [
        (one not in program.rebound, _holds(one), program.steps.get(one, 0), 0, name)
        for name, one in _rows(program, networks).items()
        if not isinstance(one, nn.Sequential) or len(one) or one in program.spoilt
    ]
    found += [
        (True, id(one.network) in standing, program.steps[one.network], 0, name_of[id(one.kind)])
        for one in created
        if id(one.network) not in inner
    ]
    tried = dict.fromkeys([*program.tried, *(one.kind.name for one in program.unfinished)])
    place = {name: len(tried) - i for i, name in enumerate(tried)}  # what is around another comes later
    found += [
        (True, True, program.steps[kind.name], place[kind.name], name)
        for name, kind in classes.items()
        if kind.name in tried and program.last(kind) is None
    ]
    failed = program.failed_rows()
    holding = {name for name, one in program.names.items() if failed and (isinstance(one, Class) or _holds(one))}
    found += [
        (True, not holding.isdisjoint(free(one)), program.steps[name], len(tried) + 1, name)
        for name, one in failed.items()
    ]
    names = [name for *_, name in sorted(found, key=lambda one: one[:4])]
    return names or [*_rows(program, networks)]


def _serves(
    program: Program, name: str, unused: Iterable[str], classes: Mapping[str, Class], nodes: Iterable[ast.AST]
) -> bool:
    """Whether layers with a name stand beside a class that the text does not make: that asks for them, or torchvision
    has made them and nothing changes them."""
    value = program.names.get(name)
    if name in classes or not isinstance(value, nn.Module):
        return False
    methods = (one for kind in unused for one in classes[kind].node.body if isinstance(one, ast.FunctionDef))
    if any(name in free(one) for one in methods):
        return True
    return is_ready_made(value) and not any(_changes(one, name) for one in nodes)


def _within_rows(program: Program) -> set[Class]:
    """The classes of the text of which something stands within a row of layers that has a name."""
    rows = (one for one in program.networks().values() if kind_of(one) is None)
    return {kind for row in rows for one in row.modules() if (kind := kind_of(one)) is not None}


def _changes(node: ast.AST, name: str) -> bool:
    """Whether a part of what has that name is put in another's place there: model.fc = ..."""
    place = isinstance(node, ast.Attribute | ast.Subscript) and isinstance(node.ctx, ast.Store)
    while isinstance(node, ast.Attribute | ast.Subscript):
        node = node.value
    return place and isinstance(node, ast.Name) and node.id == name


def _with_fewer_inputs(program: Program, names: list[str]) -> str | None:
    """Where what is made last takes more than two inputs, as a decoder of captions does, the last one that takes fewer,
    as its encoder; None otherwise."""
    several = [name for name in dict.fromkeys(names) if len(inputs_of(program.meant(name))) > 2]
    if names[-1] not in several:
        return None
    return next((name for name in reversed(names) if name not in several), None)


def _rows(program: Program, networks: Mapping[str, nn.Module]) -> dict[str, nn.Module]:
    """The nn.Sequential that names of the text stand for, and what torchvision has made, each by its first name."""
    first: dict[int, str] = {}
    for name, one in networks.items():
        if kind_of(one) is None and (isinstance(one, nn.Sequential) or is_ready_made(one)):
            first.setdefault(id(one), name)
    return {name: networks[name] for name in first.values()}


def _holds(value: Any) -> bool:
    """Whether layers hold a network of a class of the text."""
    if isinstance(value, list | tuple):
        return any(kind_of(one) is not None for one in value)
    return isinstance(value, nn.Module) and any(kind_of(one) is not None for one in value.modules())


def _named_last(program: Program, tree: ast.Module, names: Iterable[str]) -> str | None:
    """The candidate that the last statement gives another name, as in model = generator; None for none."""
    match tree.body[-1:]:
        case [ast.Assign(targets=[ast.Name()], value=ast.Name(id=name))]:
            network = program.names.get(name)
            return next((one for one in names if _is_of(program, one, network)), None)
    return None


def _is_of(program: Program, name: str, network: Any) -> bool:
    """Whether that network is the one that is meant by the name of a candidate."""
    meant = program.meant(name)
    made = program.last(meant) if isinstance(meant, Class) else None
    return isinstance(network, nn.Module) and network is (meant if made is None else made.network)


def _is_loss(program: Program, kind: Class) -> bool:
    """Whether a class compares what it is given and learns nothing: it is called a loss, or has two inputs and no
    parameters."""
    if _is_called_loss(kind.name):
        return True
    if len(inputs_of(kind)) < 2 or kind.name in program.tried:
        return False
    made = program.last(kind)
    network = made.network if made is not None else _sample(program, kind)
    return network is not None and next(network.parameters(), None) is None


def _is_called_loss(name: str) -> bool:
    return name.lower().endswith("loss")


def _sample(program: Program, kind: Class) -> nn.Module | None:
    """A network of a class that the text makes none of, without weights; None where it takes arguments or fails."""
    if required(kind):
        return None
    try:
        with program.aside() as interpreter:
            network = interpreter.call(kind, [], {}, kind.node)
    except Exception:  # it is said wherever the network is asked for
        return None
    return network if isinstance(network, nn.Module) else None


def _unused(program: Program, classes: dict[str, Class], tree: ast.Module) -> tuple[list[str], list[str]]:
    """The last class that no other class uses; where that is a loss, the last one that is none before it; and all
    further ones. One that a function of the text makes, as resnet18() does, comes before one that nothing makes."""
    functions = [one for one in tree.body if isinstance(one, ast.FunctionDef)]
    bodies = {one.name: one for one in functions}
    used = {name for kind in classes.values() for name in _named_in(kind.node, bodies) - {kind.name}}
    calls = [node.func for one in functions for node in ast.walk(one) if isinstance(node, ast.Call)]
    made = {one.id for one in calls if isinstance(one, ast.Name)}
    unused = [name for name in reversed(classes) if name not in used]
    if len(classes) < 2:
        return unused, []
    unused.sort(key=lambda name: name not in made)
    others = [name for name in unused if not _is_called_loss(classes[name].name)]
    first = next((name for name in others[:MAX_TRIED] if not _is_loss(program, classes[name])), None)
    meant = others[others.index(first) :] if first is not None else others[MAX_TRIED:]
    parts = {name for one in functions for name in _parts_in(one, classes)}
    return [*meant[:1], *unused[:1]], [name for name in meant[1:] if name not in parts][:MAX_CHOICES]


def _parts_in(function: ast.AST, classes: Mapping[str, Class]) -> Iterator[str]:
    """The classes that a function gives to others, itself as in ResNet(Block), or what is made of it as in
    Net(Encoder())."""
    waiting: list[tuple[ast.AST, bool]] = [(function, False)]
    while waiting:
        node, within = waiting.pop()
        if isinstance(node, ast.Name) and node.id in classes and within:
            yield node.id
        if not isinstance(node, ast.Call):
            waiting += [(one, within) for one in ast.iter_child_nodes(node)]
            continue
        of_class = isinstance(node.func, ast.Name) and node.func.id in classes
        waiting.append((node.func, within))
        for one in (*node.args, *(keyword.value for keyword in node.keywords)):
            waiting.append((one, of_class or isinstance(one, ast.Name)))


def _named_in(node: ast.AST, functions: Mapping[str, ast.FunctionDef]) -> set[str]:
    """The names that stand in a part of the text, and in those of its functions that the part makes use of."""
    found: set[str] = set()
    waiting = [node]
    while waiting:
        names = {one.id for one in ast.walk(waiting.pop()) if isinstance(one, ast.Name)} - found
        found |= names
        waiting += [functions[name] for name in names if name in functions]
    return found


def _lines_of(nodes: Iterable[ast.AST]) -> dict[str, int]:
    """Where each name is given first."""
    found: dict[str, int] = {}
    for one in nodes:
        if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store):
            found[one.id] = min(one.lineno, found.get(one.id, one.lineno))
    return found
