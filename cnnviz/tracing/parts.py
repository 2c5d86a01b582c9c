"""All that a step gives, as values and places or an output and a state, taken for the one tensor that is wanted: what
is said of it, and [0] written where the text takes all."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from torch import nn

from cnnviz.networks.source import Source
from cnnviz.tracing.cases import Case, Cause
from cnnviz.tracing.edits import Edit, Fix, Operand, Part, Several, Wrap, in_a_row
from cnnviz.tracing.explaining import called
from cnnviz.tracing.meta import first_line
from cnnviz.tracing.places import Piece, span
from cnnviz.tracing.steps import Step
from cnnviz.tracing.turns import calls_in_turn

WITH_PLACES = {"Max", "Min", "Median", "Nanmedian", "Mode", "Kthvalue", "Topk", "Sort", "Cummax", "Cummin", "Aminmax"}
_POOLINGS = ("MaxPool", "AdaptiveMaxPool", "FractionalMaxPool")
_SAID = ("not tuple", "got tuple", "got (tuple", "'tuple'", "not torch.return_types", "got torch.return_types")


@dataclass(frozen=True)
class _Whole:
    """A step of which all is taken: which of the operands that is, and how many tensors come."""

    step: Step
    operand: int
    count: int


def all_of_it(case: Case) -> Cause | None:
    """All that a step gives where one tensor is wanted."""
    if not _is_of_a_tuple(case.stopped.error):
        return None
    groups = [(name, len([*group])) for name, group in groupby(case.stopped.sources)]
    known = {step.name: step for step in case.steps}
    several = [
        _Whole(known[name], index, count) for index, (name, count) in enumerate(groups) if count > 1 and name in known
    ]
    whole = [one for one in several if _said(case, one)]
    if whole:
        return _taken(case, whole)
    name = _subject(case)
    if several:
        one = several[0]
        of = called(one.step.name, one.step.operation)
        return Cause(f"{name} is given all {one.count} tensors that {of} gives, and takes one: [0] is the first", ())
    if len(groups) < 2:
        return None
    from_all = " and ".join(case.source_called(source) for source, _ in groups)
    return Cause(f"{name} is given several tensors at once, a tuple of what comes from {from_all}, and takes one", ())


def _is_of_a_tuple(error: Exception) -> bool:
    """Whether it was raised for a tuple in place of a tensor."""
    return hasattr(error, "given") or any(said in first_line(error) for said in _SAID)


def _subject(case: Case) -> str:
    """What was given too much, in a sentence."""
    return "an index of several axes" if case.stopped.name.rpartition(".")[2] == "getitem" else case.name


def _said(case: Case, whole: _Whole) -> str:
    """What a step gives besides the tensor that is wanted, and how that alone is taken; '' for other steps."""
    step, layer = whole.step, _layer_of(case, whole.step)
    name = called(step.name, step.operation)
    if isinstance(layer, nn.LSTM) and whole.count == 2:
        return f"both parts of {name}'s state, h and c: h[-1] is what its last layer ends with"
    if isinstance(layer, nn.RNNBase | nn.MultiheadAttention):
        more = "its state" if isinstance(layer, nn.RNNBase) else "its weights"
        return f"all that {name} gives, its output and {more}: out, _ = {_written(step)} takes the output alone"
    if step.operation.startswith(_POOLINGS):
        return f"all that {name} gives with return_indices, maps and places: [0] takes the maps"
    if step.operation in WITH_PLACES:
        return f"all that {name} gives with a dim, values and places: [0] takes the values"
    return ""


def _written(step: Step) -> str:
    """The call of a layer as a forward has it."""
    *blocks, name = step.module.split(".")
    return f"self.{name}(x)" if not name.isdigit() else f"{'.'.join(['self', *blocks])}[{name}](x)"


def _layer_of(case: Case, step: Step) -> nn.Module | None:
    return dict(case.network.named_modules()).get(step.module) if step.module else None


def _taken(case: Case, whole: list[_Whole]) -> Cause:
    """What is said of steps of which all is taken, with the fix."""
    first = whole[0]
    sentence = f"{_subject(case)} is given {_said(case, first)}"
    if first.step.module and in_a_row(case.network, first.step.module):
        all_of = sentence.partition(": ")[0]
        return Cause(f"{all_of}, which an nn.Sequential hands on; the forward of a class takes the output alone", ())
    is_state = isinstance(_layer_of(case, first.step), nn.LSTM) and first.count == 2
    joins = case.stopped.operation.name in ("Concatenate", "Stack")
    before = [] if joins else [*case.before("[0][-1]" if is_state else "[0]")]
    fixes = before
    if not is_state:
        names = " and ".join(dict.fromkeys(called(one.step.name, one.step.operation) for one in whole))
        behind = [Fix(f"[0] behind {names}", "call", edit) for edit in _edits(whole)]
        fixes = [*before, *behind] if first.step.module else [*behind, *before]
        if getattr(_layer_of(case, first.step), "batch_first", False):  # whose output lies in another order
            edit = Several((Part(first.step.module), Wrap("view", "{}.contiguous()")))
            fixes.append(Fix(f"[0] behind {names} and x.contiguous() before view", "call", edit))
    return Cause(sentence, tuple(fixes))


def _edits(whole: list[_Whole]) -> Iterator[Edit]:
    """[0] where a step is called, and where what it gives is an operand."""
    made: list[tuple[Edit, ...]] = [
        tuple(Part(name) for name in dict.fromkeys(one.step.module or one.step.name for one in whole)),
        tuple(Operand(one.operand, "{0}[0]") for one in whole),
    ]
    for edits in made:
        yield edits[0] if len(edits) == 1 else Several(edits)


def parts_taken(source: Source, edit: Part, at: ast.AST | None) -> Iterator[list[Piece]]:
    """[0] behind the call of a step of which all is taken: behind each such call by itself, then behind all of them."""
    parted = _parted(source)
    calls = calls_in_turn(source, edit.step) or ([at] if isinstance(at, ast.Call) else [])  # layers of a list
    ends = [span(source, call)[1] for call in calls if id(call) not in parted]
    for some in (*([end] for end in ends), ends):
        yield [(end, end, "[0]") for end in some]


def _parted(source: Source) -> set[int]:
    """The calls of whose results a part is taken already: by a place, by its name, or by several names."""
    found = set[int]()
    for one in ast.walk(source.cleaned.tree):
        if (
            (isinstance(one, ast.Subscript) and not isinstance(one.slice, ast.Tuple))
            or (isinstance(one, ast.Attribute) and one.attr in ("values", "indices"))
            or (isinstance(one, ast.Assign) and any(isinstance(target, ast.Tuple | ast.List) for target in one.targets))
        ):
            found.add(id(one.value))
    return found
