"""A call in forward whose result is not kept, such as x.view(-1, 576) as a statement, or x - self.fc(x) for x = ...:
what is done then is done with the tensor as it was before."""

import ast
from collections.abc import Iterator

from cnnviz.networks.source import Source
from cnnviz.tracing.cases import Case
from cnnviz.tracing.edits import Fix, Keep
from cnnviz.tracing.explaining import called
from cnnviz.tracing.places import Piece, first_argument, span, word_of

MAX_STEPS = 3  # that are tried, the last first


def results_kept(case: Case) -> Iterator[Fix]:
    """The result of a step that nothing has taken, kept. Whether its call is a statement, and no branch that is used
    later, the text says."""
    if case.stopped.operation.name == "Subtract":
        yield Fix("= in place of -, as in x = ...", "result", Keep(""))
    taken = {source for step in case.steps for source in step.sources} | {*case.stopped.sources}
    idle = [step for step in case.steps if step.name not in taken]
    for step in idle[: -MAX_STEPS - 1 : -1]:
        name = called(step.name, step.operation)
        yield Fix(f"the result of {name} kept, as in x = ...", "result", Keep(step.module or step.name))


def statements_kept(source: Source, edit: Keep, at: ast.AST | None) -> Iterator[list[Piece]]:
    """The pieces that give the result of a statement the name of its tensor."""
    for one in ast.walk(source.cleaned.tree):
        if not isinstance(one, ast.Expr):
            continue
        value = one.value
        if isinstance(value, ast.BinOp) and not edit.step and value is at and isinstance(value.left, ast.Name):
            yield [(span(source, value.left)[1], span(source, value.right)[0], " = ")]
        elif isinstance(value, ast.Call) and word_of(value) in _words(edit.step):
            name = _tensor(value)
            if name:
                start = span(source, value)[0]
                yield [(start, start, f"{name} = ")]


def _words(step: str) -> set[str]:
    """The words by which a step may be called: view for view_2, and conv_2 itself."""
    last = step.rpartition(".")[2]
    return {last, last.rstrip("0123456789").rstrip("_")} - {""}


def _tensor(call: ast.expr | None) -> str:
    """The name of the tensor of which a call makes something; '' where it is no name."""
    while isinstance(call, ast.Call):
        call = first_argument(call)
    return call.id if isinstance(call, ast.Name) else ""
