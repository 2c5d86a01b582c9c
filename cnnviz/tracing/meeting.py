"""The usual situations in which tensors meet that do not go together: what is said of each, and the change that belongs
to it."""

from collections.abc import Iterator, Mapping, Sequence
from math import prod

from cnnviz.ops.arithmetic import times
from cnnviz.tracing.cases import Case, Cause
from cnnviz.tracing.edges import keep_edges, lose_edges
from cnnviz.tracing.edits import Around, Fix, Given, Operand, Places, Several, Wrap, changeable, in_a_row
from cnnviz.tracing.repeated import repeated
from cnnviz.tracing.steps import Shape, Step


def parameter_met(case: Case) -> Cause | None:
    """A parameter of the network of another size than what it meets, such as the places of a sequence."""
    word, left = case.stopped.operation.name, list(case.stopped.shapes)
    known = {step.name: step.output_shape for step in case.steps}
    for source in case.stopped.sources:
        shape = known.get(source, case.input_shape)
        if shape in left:
            left.remove(shape)
    if word not in ("Add", "Multiply", "Subtract", "Concatenate") or len(left) != 1 or not case.stopped.sources:
        return None
    parameters = {name: tuple(one.shape) for name, one in case.network.named_parameters()}
    name = next((name for name, shape in parameters.items() if shape == left[0]), None)
    met = known.get(case.stopped.sources[0], case.input_shape)
    if name is None:
        return _part_met(case, parameters, met, left[0])
    sentence = f"{case.name} meets {times(met)} from {case.source(0)} and the parameter {name}, {times(left[0])}: "
    if word == "Concatenate" and left[0][:1] == (1,) != met[:1] and len(left[0]) == len(met):
        kept = ", ".join(["-1"] * (len(met) - 1))
        return Cause(f"{sentence}{name}.expand(x.size(0), {kept}) gives each image its own", ())
    agree = "all but one axis have to agree" if word == "Concatenate" else "they have to have the same shape"
    fixes = _as_long(name, met, left[0]) if word == "Add" else ()
    return Cause(f"{sentence}{agree}", (*case.of_its_side(), *fixes) if fixes else (), is_all=False)


def _part_met(case: Case, parameters: Mapping[str, Shape], met: Shape, part: Shape) -> Cause | None:
    """The same where a slice of a parameter is met, which is shorter than it along one axis."""
    whole = [name for name, shape in parameters.items() if _is_slice(part, shape)]
    if len(whole) != 1 or case.stopped.operation.name == "Concatenate":
        return None
    (name,), shape = whole, parameters[whole[0]]
    sentence = f"{case.name} meets {times(met)} from {case.source(0)} and {times(part)} of the parameter {name}, "
    long = (
        _as_long(name, (*met[:1], shape[1] + met[1] - part[1], *met[2:]), shape) if len(part) == len(met) == 3 else ()
    )
    return Cause(
        f"{sentence}which has {times(shape)} in all: they have to have the same shape",
        (*case.of_its_side(), *long) if case.stopped.operation.name == "Add" and part[1] < met[1] else (),
        is_all=False,  # an image of the side that it was made for does, too
    )


def _is_slice(part: Shape, whole: Shape) -> bool:
    differing = [(a, b) for a, b in zip(part, whole, strict=False) if a != b]
    return len(part) == len(whole) and len(differing) == 1 and differing[0][0] < differing[0][1]


def _as_long(name: str, met: Shape, parameter: Shape) -> tuple[Fix, ...]:
    """As many places of a parameter as the sequence is long, which it meets as 1 × length × features: of those that it
    has, or where there are too few, made so."""
    if len(met) != 3 or len(parameter) != 3 or parameter[0] != 1 or parameter[2] != met[2]:
        return ()
    if parameter[1] < met[1]:
        return (Fix(f"{name} of {times((1, *met[1:]))}", "source", Places(name, parameter[1], met[1])),)
    wholes = [(index, f"{{0}}[:, :{length}]") for length in ("{1}.size(1)", met[1]) for index in (1, 0)]
    return tuple(Fix(f"{name}[:, :{met[1]}]", "call", Operand(*whole)) for whole in wholes)


def shortcut_missing(case: Case) -> Cause | None:
    """A residual block whose body changes the channels or the size, and nothing on the way around does."""
    shapes, sources = case.stopped.shapes, case.stopped.sources
    if case.stopped.operation.name != "Add" or len(shapes) != 2 or len(sources) != 2 or {*map(len, shapes)} != {4}:
        return None
    for index, other in ((0, 1), (1, 0)):
        body, around, outer = shapes[index], shapes[other], sources[other]
        before = {name for step in case.ancestors(sources[index : index + 1]) for name in step.sources}
        strides = {-(-n // m) for n, m in zip(around[2:], body[2:], strict=True)}
        if outer not in before or len(strides) != 1 or min(strides) < 1 or (strides == {1} and around[1] == body[1]):
            continue
        stride = strides.pop()
        if any(-(-n // stride) != m for n, m in zip(around[2:], body[2:], strict=True)):
            continue
        layer = f"nn.Conv2d({around[1]}, {body[1]}, 1{f', stride={stride}' if stride > 1 else ''})"
        met = f"{times(body[1:])} from {case.source(index)} and {times(around[1:])} from {case.source(other)}"
        sentence = f"{case.name} meets {met}, which goes around as it is: {layer} on the way around makes them alike"
        behind = case.ancestors([outer])
        inner = [step for step in case.ancestors(sources[index : index + 1]) if step not in behind]
        convolutions = tuple(step.module for step in inner if step.module and step.operation.startswith("Conv"))
        around_it = Fix("a Conv2d on the way around", "shortcut", Around(other, convolutions, stride, layer))
        strided = tuple(_without_stride(case, inner)) if around[1] == body[1] and _is_later(case) else ()
        if strided:
            sentence = (
                f"{case.name} meets {met}, which goes around as it is: {case.stopped.scope} has a stride of {stride}, "
                "which usually the first block of a row alone has"
            )
        return Cause(sentence, (*strided, *((around_it,) if convolutions else ())))
    return None


def _is_later(case: Case) -> bool:
    """Whether the block is not the first of its row, of which usually the first alone has a stride."""
    number = case.stopped.scope.rpartition(".")[2]
    return number.isdigit() and number != "0"


def _without_stride(case: Case, inner: Sequence[Step]) -> Iterator[Fix]:
    """No stride in the convolution of a block that has one, where the block is given it."""
    step = next(
        (one for one in inner if one.module and one.operation.startswith("Conv") and set(one.stride or ()) != {1}), None
    )
    if step is not None:
        yield Fix(f"stride=1 in {case.stopped.scope}", "stride", Given(step.module, "stride", 1, case.stopped.scope))


def axes_missing(case: Case) -> Cause | None:
    """Maps that meet one number for each of their channels, as in squeeze-and-excitation, in a row without the axes of
    height and width."""
    shapes, sources = case.stopped.shapes, case.stopped.sources
    if case.stopped.operation.name not in ("Multiply", "Add", "Subtract", "Divide"):
        return None
    if len(shapes) != 2 or len(sources) != 2:
        return None
    row, maps = sorted((0, 1), key=lambda index: len(shapes[index]))
    if len(shapes[row]) != 2 or len(shapes[maps]) not in (3, 4, 5) or shapes[row] != shapes[maps][:2]:
        return None
    ones = (1,) * (len(shapes[maps]) - 2)
    sentence = (
        f"{case.name} meets {times(shapes[maps][1:])} from {case.source(maps)} and {shapes[row][1]:,} numbers from "
        f"{case.source(row)}, one for each channel: they need axes of their own for the positions, "
        f"{times((*shapes[row][1:], *ones))}"
    )
    step = next((one for one in case.steps if one.name == sources[row]), None)
    if step is None:
        return Cause(sentence, ())
    path = step.module or step.name
    while step.module and in_a_row(case.network, path):
        path = path.rpartition(".")[0]
    back = f"unflatten(1, {(-1, *ones)})"
    return Cause(sentence, (Fix(f".{back} behind {path}", "call", Wrap(path, "{}", back)),))


def made_by(case: Case, name: str, operation: str) -> Step | None:
    """The layer of that operation whose result arrives by that name, perhaps through a norm and an activation."""
    known = {step.name: step for step in case.steps}
    while (step := known.get(name)) is not None:
        if step.operation.startswith(operation):
            return step if changeable(case.network, step.module) else None
        if len(step.sources) != 1 or step.input_shape != step.output_shape:
            return None
        name = step.sources[0]
    return None


def flat_missing(case: Case) -> Cause | None:
    """Maps that are joined with rows of numbers: the maps have to be laid in rows, too, or where a layer behind takes
    as many channels as they have together, the numbers stand beside each place of the maps."""
    shapes, sources = case.stopped.shapes, case.stopped.sources
    ranks = [len(shape) for shape in shapes]
    if case.stopped.operation.name != "Concatenate" or len(shapes) != len(sources) or 2 not in ranks:
        return None
    maps = [index for index, rank in enumerate(ranks) if rank in (3, 4, 5)]
    if not maps or len({shape[0] for shape in shapes}) != 1:
        return None
    met = " and ".join(f"{times(shape[1:])} from {case.source(index)}" for index, shape in enumerate(shapes))
    rows = " and ".join(f"{times(shapes[one][1:])} = {prod(shapes[one][1:]):,}" for one in maps)
    sentence = f"{case.name} meets {met}: flatten(1) lays {rows} in a row as well"
    edits = tuple(Operand(one, "{0}.flatten(1)") for one in maps)
    where = " and ".join(case.source(one) for one in maps)
    flat = Fix(f"flatten(1) of {where}", "call", edits[0] if len(maps) == 1 else Several(edits))
    wide = repeated(case, maps)
    if wide is None:
        return Cause(sentence, (flat,))
    said, fixes, wanted = wide
    return Cause(
        f"{case.name} meets {met}: {said}" if wanted else sentence, (*fixes, flat) if wanted else (flat, *fixes)
    )


def edges_lost(case: Case) -> Cause | None:
    """Maps that are joined or added, of which one has lost its edges in convolutions without padding."""
    shapes, sources = case.stopped.shapes, case.stopped.sources
    joins = case.stopped.operation.name == "Concatenate"
    if not (joins or case.stopped.operation.name == "Add") or len(shapes) != len(sources) or len(shapes) < 2:
        return None
    if {*map(len, shapes)} - {3, 4, 5} or len({(len(shape), shape[: 1 if joins else 2]) for shape in shapes}) > 1:
        return None
    order = sorted(range(len(shapes)), key=lambda index: shapes[index][2:])
    small, large = order[0], order[-1]
    if not all(n < m < 2 * n for n, m in zip(shapes[small][2:], shapes[large][2:], strict=True)):
        return None  # what is half as large has been pooled, or strode
    before = case.ancestors(sources[large : large + 1])
    between = lose_edges(case.network, [one for one in case.ancestors(sources[small : small + 1]) if one not in before])
    if not between:
        return None
    met = " and ".join(f"{times(shapes[one][1:])} from {case.source(one)}" for one in (large, small))
    sentence = (
        f"{case.name} meets {met}: convolutions without padding take rows and columns from the edges, and padding by "
        "half the kernel leaves the sizes as they are"
    )
    return Cause(sentence, tuple(keep_edges(case.network, between)))
