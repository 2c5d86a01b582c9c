"""Products of matrices that do not go together, as those of an attention: what is said of them, the operand that has to
be turned, and the linear layer that has to deliver more or fewer features."""

from collections.abc import Iterator

from cnnviz.tracing.cases import Case, Cause
from cnnviz.tracing.edits import Fix, Operand, Set, changeable
from cnnviz.tracing.steps import Shape, Step

TURN = "{0}.transpose(-2, -1)"


def unmultiplied(case: Case) -> Cause | None:
    """Rows of another length than the columns that they meet."""
    shapes, sources = case.stopped.shapes[-2:], case.stopped.sources[-2:]
    if case.stopped.operation.name != "Matmul" or len(shapes) != 2 or len(sources) != 2 or len(shapes[0]) < 3:
        return None
    (*before, rows, width), (*others, length, columns) = shapes
    if before != others or width == length:
        return None
    first, second = case.source_called(sources[0]), case.source_called(sources[1])
    sentence = (
        f"{case.name} multiplies rows by columns: {rows:,} × {width:,} from {first} goes with "
        f"{width:,} × {columns if width != columns else length:,}, and {second} delivers {length:,} × {columns:,}"
    )
    words = ("the first", "the second")
    turned = [index for index, fits in ((1, width == columns), (0, rows == length)) if fits]
    fixes = tuple(Fix(f"transpose(-2, -1) of {words[one]}", "call", Operand(one, TURN)) for one in turned)
    if not turned:
        return Cause(sentence, tuple(_widened(case, (width, length))), is_all=False)
    turns = "turns it" if turned == [1] else f"turns {words[0]}" if turned == [0] else "turns one of them"
    return Cause(f"{sentence}: transpose(-2, -1) {turns}", fixes)


def _widened(case: Case, inner: tuple[int, int]) -> Iterator[Fix]:
    """As many features from the linear layer behind one operand as the other has, the second first."""
    for index in (1, 0):
        step = _linear(case, case.stopped.sources[-2:][index], inner[index])
        if step is not None:
            value = inner[1 - index]
            yield Fix(f"out_features={value} in {step.name}", "source", Set(step.module, "out_features", value))


def _linear(case: Case, source: str, width: int) -> Step | None:
    """The linear layer with so many features whose result arrives by that name, perhaps turned."""
    known = {step.name: step for step in case.steps}
    while (step := known.get(source)) is not None:
        if step.operation == "Linear":
            return step if step.output_shape[-1] == width and changeable(case.network, step.module) else None
        if len(step.sources) != 1 or not _same_sizes(step.input_shape, step.output_shape):
            return None
        source = step.sources[0]
    return None


def _same_sizes(one: Shape, other: Shape) -> bool:
    return sorted(one) == sorted(other)
