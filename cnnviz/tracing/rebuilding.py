"""The call of a layer that torch does not build, with other arguments in the reader's own text. A text whose network
cannot be built has none, so that its place in the text is all there is to find it by."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from cnnviz.networks.notation import NotationError
from cnnviz.networks.source.cleaning import Cleaned, clean
from cnnviz.tracing.places import argument_of, literal, parameters, set_argument, word_of

MAX_TEXTS = 4


@dataclass(frozen=True)
class _Text:
    """A text as far as it was looked at."""

    cleaned: Cleaned


def texts_that_build(text: str, error: NotationError) -> Iterator[tuple[str, str]]:
    """What is changed, and the text with that change, for an error that says which layer is not built, and why. Whether
    it is built then, a trace says."""
    if error.unbuilt is None:
        return
    try:
        source = _Text(clean(text))
    except NotationError:  # of a text in another form than Python's
        return
    kind = error.unbuilt.kind
    found = [one for one in source.cleaned.nodes if isinstance(one, ast.Call) and word_of(one) == kind]
    call = next((one for one in found if _stands_at(source, one) == (error.line, error.column)), None)
    if call is None:
        return
    own = source.cleaned.own
    for name, value in error.unbuilt.changes[:MAX_TEXTS]:
        given = argument_of(call, name, parameters(call))
        if _unpacks(call, given):
            continue
        for written in (_half(call) if name == "padding" else "", literal(value)):
            changed = own
            for start, end, new in set_argument(source, call, name, written) if written else ():
                changed = changed[:start] + new + changed[end:]
            if changed != own:
                yield f"{name}={written} in {kind}", changed


def _half(call: ast.Call) -> str:
    """Half the kernel of a convolution whose kernel has a name, which may be another one each time; '' for others."""
    kernel, dilation = (argument_of(call, name, parameters(call)) for name in ("kernel_size", "dilation"))
    return f"{ast.unparse(kernel)} // 2" if isinstance(kernel, ast.Name | ast.Attribute) and dilation is None else ""


def _stands_at(source: _Text, call: ast.Call) -> tuple[int, int]:
    """The line and column of the reader's text."""
    line = source.cleaned.text.split("\n")[call.lineno - 1]
    before = line.encode()[: call.col_offset].decode(errors="ignore")
    return source.cleaned.place(call.lineno, len(before) + 1)


def _unpacks(call: ast.Call, given: ast.expr | None) -> bool:
    """Whether an argument that is not written may come out of what is unpacked, and so would be given twice."""
    starred = any(isinstance(one, ast.Starred) for one in call.args) or any(one.arg is None for one in call.keywords)
    return given is None and starred
