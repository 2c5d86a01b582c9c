"""The state that a recurrent layer is given to begin with, where it has other sizes than the layer: what is said of it,
and the sizes written anew where the text makes it, as those of a parameter that a sequence meets."""

import ast
from collections.abc import Iterator

from torch import nn

from cnnviz.networks.source import Source
from cnnviz.ops.arithmetic import times
from cnnviz.tracing.cases import Case, Cause
from cnnviz.tracing.edits import Fix, Places, State
from cnnviz.tracing.places import Piece, span, word_of

_MAKERS = ("zeros", "ones", "rand", "randn", "empty", "new_zeros", "new_ones")


def state_given(case: Case) -> Cause | None:
    """A state of a recurrent layer that is not layers and directions × images × features."""
    layer, shapes = case.stopped.layer, case.stopped.shapes
    if not isinstance(layer, nn.RNNBase) or len(shapes) < 2 or len(shapes[0]) != 3 or layer.proj_size:
        return None
    if shapes[0][-1] != layer.input_size:
        return None  # which torch says first
    batch_axis = 0 if layer.batch_first else 1
    directions = 2 if layer.bidirectional else 1
    wanted = (layer.num_layers * directions, shapes[0][batch_axis], layer.hidden_size)
    given = next((one for one in shapes[1:] if len(one) == 3 and one != wanted), None)
    if given is None:
        return None
    layers = f"{layer.num_layers:,} layer{'s' if layer.num_layers > 1 else ''}{' in two directions' * (directions - 1)}"
    images = f"{wanted[1]:,} image{'s' if wanted[1] > 1 else ''}"
    sentence = (
        f"{case.name} wants a state of {times(wanted)}, {layers}, {images} and {layer.hidden_size:,} features, and is "
        f"given one of {times(given)}"
    )
    fix = Fix(f"a state of {wanted[0]} × N × {wanted[2]}", "call", State(given, wanted, batch_axis))
    return Cause(sentence, (fix,))


def states_written(source: Source, edit: State) -> Iterator[list[Piece]]:
    """In each function that makes tensors of three sizes, the sizes of a state; that of the images is the tensor's,
    along the axis that they have where the layer is called, or along the other where they are moved just there."""
    for function in (one for one in ast.walk(source.cleaned.tree) if isinstance(one, ast.FunctionDef)):
        names = [one.arg for one in function.args.args if one.arg != "self"]
        sizes = [found for one in ast.walk(function) if isinstance(one, ast.Call) and (found := _sizes(one))]
        for axis in (edit.batch_axis, 1 - edit.batch_axis) if names and sizes else ():
            images = f"{names[0]}.size({axis})"
            yield [piece for found in sizes for piece in _pieces(source, edit, found, images)]


def places_written(source: Source, edit: Places) -> Iterator[list[Piece]]:
    """Where an attribute of that name is given a tensor of three sizes, its second size: a number, or one that has a
    name and what it lacks."""
    word = edit.name.rpartition(".")[2]
    for node in ast.walk(source.cleaned.tree):
        if not isinstance(node, ast.Assign) or not any(getattr(one, "attr", "") == word for one in node.targets):
            continue
        for sizes in (_sizes(one) for one in ast.walk(node.value) if isinstance(one, ast.Call)):
            if sizes:
                start, end = span(source, sizes[1])
                more = f"{source.cleaned.own[start:end]} + {edit.wanted - edit.given}"
                yield [(start, end, f"{edit.wanted}" if isinstance(sizes[1], ast.Constant) else more)]


def _sizes(call: ast.Call) -> list[ast.expr]:
    """The three sizes of a tensor that a call makes; [] for any other call."""
    given = call.args
    if len(given) == 1 and isinstance(given[0], ast.Tuple | ast.List):
        given = given[0].elts
    fits = word_of(call) in _MAKERS and len(given) == 3 and not any(isinstance(one, ast.Starred) for one in given)
    return given if fits else []


def _pieces(source: Source, edit: State, sizes: list[ast.expr], images: str) -> Iterator[Piece]:
    for axis, (size, given, wanted) in enumerate(zip(sizes, edit.given, edit.wanted, strict=True)):
        if given == wanted:
            continue
        start, end = span(source, size)
        written = source.cleaned.own[start:end]
        if axis == 1:
            yield start, end, images
        elif isinstance(size, ast.Name | ast.Attribute) and wanted == 2 * given:
            yield start, end, f"{written} * 2"
        else:
            yield start, end, f"{wanted}"
