"""Multiply-accumulates of one operation for the whole batch, bias not counted: of convolutions, linear layers, matrix
products, attention and recurrent layers, as torch.utils.flop_counter counts them (it counts two for each).

The heads of an attention and the batch only cut its matrices: E features are E, in however many heads.
"""

from collections.abc import Sequence
from math import isqrt, prod

from torch import Tensor

from cnnviz.tracing.operations import Operation
from cnnviz.tracing.steps import Shape


def macs_of(operation: Operation) -> int:
    """Multiply-accumulates of an operation; 0 for what multiplies no matrices."""
    if operation.is_a("Conv", "Linear", "Bilinear"):
        return _weighted(operation)
    if operation.is_a("LSTM", "GRU", "RNN"):
        return prod(operation.operands[0][:-1]) * sum(prod(shape) for shape in _recurrent(operation))
    if operation.name == "MultiheadAttention":
        return _multihead(operation)
    if operation.name == "Scaled dot product attention":
        return _attention(*operation.operands[:3])
    if operation.name == "Einsum":
        return _einsum(str(operation.settings.get("equation", "")), operation.operands)
    return _product(operation) if operation.name in ("Matmul", "Tensordot") else 0


def _weighted(operation: Operation) -> int:
    """Every weight of a convolution or linear layer is used once at every position of the output, that of a transposed
    convolution once at every position of the input."""
    weight = operation.settings.get("weight")
    if not isinstance(weight, Tensor):
        return 0
    met = operation.inputs[0] if operation.is_a("ConvTranspose") else operation.output
    return prod(weight.shape[1:]) * prod(met)


def _recurrent(operation: Operation) -> list[Shape]:
    """The matrices of an LSTM, GRU or RNN, or of one cell of it: each is used once for every place in the sequence."""
    settings = operation.settings
    every = [weight for layer in settings.get("all_weights", ()) for weight in layer]
    every += [settings[name] for name in ("weight_ih", "weight_hh") if name in settings]
    return [tuple(weight.shape) for weight in every if weight.dim() == 2]


def _multihead(operation: Operation) -> int:
    """The projections of queries, keys and values, the attention, and the projection of what it gives."""
    query, key, value = operation.operands[:3]
    settings, features = operation.settings, query[-1]
    axis = 1 if settings.get("batch_first") and len(query) == 3 else 0
    length, keys = query[axis], key[axis]
    keys += (settings.get("bias_k") is not None) + bool(settings.get("add_zero_attn"))
    batch = prod(query[:-1]) // max(1, length)
    projections = 2 * prod(query) * features + (prod(key) + prod(value)) * features
    return projections + _attention((batch, length, features), (batch, keys, features), (batch, keys, features))


def _attention(query: Shape, key: Shape, value: Shape) -> int:
    """Queries (..., L, E) by keys (..., S, E), and the scores by values (..., S, V): L x S x (E + V) each."""
    return prod(query[:-1]) * key[-2] * (query[-1] + value[-1])


def _product(operation: Operation) -> int:
    """A product of two matrices or batches of them, also one that is then added to something."""
    first, second = operation.operands[-2:]
    places = prod(operation.output)
    if operation.name == "Tensordot":
        return places * isqrt(prod(first) * prod(second) // max(1, places))
    summed = len(operation.operands) == 3 and len(first) == 3 and len(operation.output) == 2  # addbmm
    return places * first[-1] * (first[0] if summed else 1)


def _einsum(equation: str, shapes: Sequence[Shape]) -> int:
    """Those of the operands from left to right, two at a time; what only one of them has and nobody needs any more is
    summed before."""
    left, arrow, right = equation.replace(" ", "").replace("...", ".").partition("->")
    terms = left.split(",")
    if len(terms) != len(shapes):
        return 0
    sizes: dict[str, int] = {}
    names = [_names(term, shape, sizes) for term, shape in zip(terms, shapes, strict=True)]
    every = [name for term in names for name in term]
    wanted = set(right if arrow else (name for name in every if every.count(name) == 1 or name.isdigit()))
    wanted |= {name for name in every if name.isdigit()} if "." in right else set()
    total, so_far = 0, set(names[0])
    for index, term in enumerate(names[1:], 1):
        needed = wanted.union(*names[index + 1 :])
        shared = (so_far & set(term)) - needed
        met = ((so_far | set(term)) & needed) | shared
        total += prod(sizes[name] for name in met) if shared else 0
        so_far = met & needed
    return total


def _names(term: str, shape: Shape, sizes: dict[str, int]) -> list[str]:
    """A name for each axis of an operand, whose sizes are noted; those of the dots are numbered from the last."""
    before, dots, behind = term.partition(".")
    hidden = len(shape) - len(before) - len(behind) if dots else 0
    names = [*before, *(str(number) for number in reversed(range(hidden))), *behind]
    for name, size in zip(names, shape, strict=False):
        sizes[name] = max(size, sizes.get(name, 1))
    return names
