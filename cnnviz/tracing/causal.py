"""Sequences that a convolution has made longer than what they meet: one that looks back pads by all that its kernel
takes, at both ends, and the steps that are too many at the end have to be cut away again."""

from collections.abc import Sequence

from cnnviz.ops.arithmetic import times
from cnnviz.tracing.cases import Case, Cause
from cnnviz.tracing.edits import Edit, Fix, Halved, Operand, Set, Several, changeable
from cnnviz.tracing.explaining import called
from cnnviz.tracing.steps import Step

MAX_NAMED = 3  # layers in one sentence


def too_long(case: Case) -> Cause | None:
    """A sequence that meets what went around its convolutions, and is longer by what these pad too much."""
    shapes, sources = case.stopped.shapes, case.stopped.sources
    if case.stopped.operation.name not in ("Add", "Concatenate", "Multiply") or len(shapes) != len(sources):
        return None
    if len(shapes) != 2 or {*map(len, shapes)} != {3} or shapes[0][2] == shapes[1][2]:
        return None
    long = int(shapes[0][2] < shapes[1][2])
    before = case.ancestors(sources[1 - long : 2 - long])
    inner = [step for step in case.ancestors(sources[long : long + 1]) if step not in before]
    padded = [step for step in inner if _more(step) > 0]
    more = shapes[long][2] - shapes[1 - long][2]
    if not padded or more != sum(map(_more, padded)):
        return None
    met = " and ".join(f"{times(shapes[one][1:])} from {case.source(one)}" for one in (long, 1 - long))
    names = _named([called(step.name, step.operation) for step in padded])
    sentence = (
        f"{case.name} meets {met}: {names} pad{'s' if len(padded) == 1 else ''} by more than the kernel takes, which "
        f"leaves {more:,} step{'s' if more > 1 else ''} too many at the end; [:, :, :-{more}] cuts them away"
    )
    text = f"the first {shapes[1 - long][2]:,} steps of {case.source(long)}"
    cuts = (Operand(long, f"{{0}}[:, :, :{end}]") for end in ("{1}.size(2)", "{2}.size(2)", f"-{more}"))
    return Cause(sentence, (*(Fix(text, "resize", edit) for edit in cuts), *_halved(case, padded)))


def _more(step: Step) -> int:
    """By how many steps a convolution makes a sequence longer."""
    window = (step.kernel, step.stride, step.padding, step.dilation)
    if step.operation != "Conv1d" or any(one is None or len(one) != 1 for one in window) or step.stride != (1,):
        return 0
    (kernel,), (padding,), (dilation,) = step.kernel or (1,), step.padding or (0,), step.dilation or (1,)
    return 2 * padding - dilation * (kernel - 1)


def _halved(case: Case, padded: Sequence[Step]) -> tuple[Fix, ...]:
    """Half the padding, which leaves the length as it is, in all that pad by all that the kernel takes; first as the
    text says it, then in numbers."""
    values: dict[str, int] = {}
    for path, layer in case.network.named_modules():
        window = [getattr(layer, name, None) for name in ("kernel_size", "padding", "dilation", "stride")]
        if type(layer).__name__.endswith("Conv1d") and all(isinstance(one, tuple) for one in window):
            (kernel, *_), (padding, *_), (dilation, *_), stride = window  # type: ignore[misc]
            if padding and padding == dilation * (kernel - 1) and padding % 2 == 0 and stride == (1,):
                values[path] = padding // 2
    if not {step.module for step in padded} <= {*values}:
        return ()
    text = f"half the padding in {_named([called(path, 'Conv1d') for path in values])}"
    written: tuple[Edit, ...] = tuple(Halved(path, "padding") for path in values)
    numbers: tuple[Edit, ...] = tuple(
        Set(path, "padding", value) for path, value in values.items() if changeable(case.network, path) is not None
    )
    edits = (_one(written), *((_one(numbers),) if len(numbers) == len(values) else ()))
    return tuple(Fix(text, "padding", edit) for edit in edits)


def _one(edits: tuple[Edit, ...]) -> Edit:
    return edits[0] if len(edits) == 1 else Several(edits)


def _named(words: Sequence[str]) -> str:
    """a, b and c; of many how many there are."""
    if len(words) > MAX_NAMED:
        return f"{len(words)} convolutions"
    return " and ".join([", ".join(words[:-1])] * (len(words) > 1) + list(words[-1:]))
