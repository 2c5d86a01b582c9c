"""A linear layer over a sequence, whose width has to be that of one place: what is said of it, and the layer so."""

from math import prod

from torch import nn

from cnnviz.tracing.cases import Case, Cause
from cnnviz.tracing.edits import Fix, Set, changeable, rewritten
from cnnviz.tracing.explaining import wanted_width

ORDERED = {"Permute", "Transpose", "Movedim", "Moveaxis", "Swapaxes", "Swapdims", "Embedding"}
RECURRENT = (nn.RNNBase, nn.MultiheadAttention, nn.TransformerEncoderLayer, nn.TransformerDecoderLayer)


def width_of_each_place(case: Case) -> Cause | None:
    """A linear layer of another width than a sequence (N, L, F) has: one that was laid out so, or that comes from a
    recurrent layer or an attention, or goes into one."""
    shape, wanted = case.shape, wanted_width(case.stopped)
    if case.stopped.operation.name != "Linear" or len(shape) != 3 or wanted in (None, shape[2], prod(shape[1:])):
        return None
    is_laid_so = any(step.operation in ORDERED for step in case.ancestors())
    if not is_laid_so and (wanted == shape[1] or not _beside_recurrent(case)):
        return None
    layer = changeable(case.network, case.stopped.name)
    delivers = f"{case.source(0)} {'has' if case.stopped.is_of_input else 'delivers'}"
    sentence = f"{case.name} expects {wanted:,} features, but {delivers} {shape[2]:,} for each of {shape[1]:,} places"
    if layer is None:
        return Cause(sentence, (), is_all=False)
    edit = Set(case.stopped.name, "in_features", shape[2])
    return Cause(sentence, (Fix(rewritten(layer, "in_features", shape[2]), "layer", edit),), is_all=False)


def _beside_recurrent(case: Case) -> bool:
    """Whether it comes from a recurrent layer or an attention, or one is still to come."""
    modules = dict(case.network.named_modules())
    recurrent = {path for path, one in modules.items() if isinstance(one, RECURRENT)}
    if any(_within(step.module, recurrent) for step in case.ancestors()):
        return True
    done = {step.module for step in case.steps}
    return any(not any(_within(path, {one}) for path in done) for one in recurrent)


def _within(path: str, blocks: set[str]) -> bool:
    return bool(path) and any(path == block or path.startswith(f"{block}.") for block in blocks)
