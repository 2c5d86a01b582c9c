"""An edit of a network made in the reader's own text: the call that built a layer, or that a forward makes, is found in
the syntax tree, and the smallest piece of the text is changed. Comments and layout stay."""

import ast
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

from cnnviz.networks.source import Source
from cnnviz.tracing.beside import BY_NAME, named_as_beside
from cnnviz.tracing.dropped import statements_kept
from cnnviz.tracing.edits import (
    WIDTHS,
    Argument,
    Around,
    Axes,
    Drop,
    Edit,
    Given,
    Halved,
    Insert,
    Joined,
    Keep,
    Keyword,
    Operand,
    Part,
    Places,
    Remove,
    Replace,
    Set,
    Several,
    Shortcut,
    Side,
    State,
    Word,
    Wrap,
)
from cnnviz.tracing.givers import given_further_out, keywords_handed_on, sides_given
from cnnviz.tracing.lines import lines_behind
from cnnviz.tracing.parts import parts_taken
from cnnviz.tracing.places import (
    MAX_CALLS,
    Piece,
    appended,
    argument_of,
    calls_named,
    calls_of,
    constructor_of,
    first_argument,
    functional,
    functions_around,
    imported,
    literal,
    operands,
    parameters,
    prefixed,
    set_argument,
    span,
    word_of,
)
from cnnviz.tracing.reduced import axes_kept
from cnnviz.tracing.rows import inserted, stands_in_a_row
from cnnviz.tracing.stacked import joined_instead
from cnnviz.tracing.states import places_written, states_written
from cnnviz.tracing.turns import calls_in_turn, with_keyword
from cnnviz.tracing.ways import ways_around


def rewritten_texts(source: Source, edit: Edit, at: ast.AST | None = None) -> Iterator[str]:
    """Texts in which the edit is made, the likeliest first; none where the text says it in a way that is not found.
    `at` is the call at which the network stopped. Whether a text does what the edit wants is for a trace to say."""
    text = source.cleaned.own
    for pieces in _pieces(source, edit, at):
        changed = text
        for start, end, new in sorted(set(pieces), reverse=True):  # one call may have built several layers
            changed = changed[:start] + new + changed[end:]
        if changed != text:
            yield changed


def _pieces(source: Source, edit: Edit, at: ast.AST | None) -> Iterator[list[Piece]]:
    match edit:
        case Several(edits):
            for found in zip(*(_pieces(source, one, at) for one in edits), strict=False):  # each in the same way
                yield [piece for pieces in found for piece in pieces]
        case Set(path, attribute, value):
            if (call := constructor_of(source, path)) is not None:
                yield from islice(keywords_handed_on(source, path, attribute, value), 1)
                yield from _set_by_parameters(source, call, attribute)
                yield from named_as_beside(source, call, attribute)
                yield set_argument(source, call, attribute, literal(value))
                yield from _set_by_callers(source, call, attribute, value)
            elif attribute in WIDTHS:
                yield from lines_behind(source, path, attribute, value)
        case Replace(path, layer_text, keeps_arguments):
            if (call := constructor_of(source, path)) is not None:
                if keeps_arguments:
                    yield [(*span(source, call.func), prefixed(call, layer_text.partition("(")[0]))]
                yield [(*span(source, call), prefixed(call, layer_text))]
        case Remove(path):
            if (call := constructor_of(source, path)) is not None:
                yield _removed(source, call)
        case Insert(path, layer_text):
            if (call := constructor_of(source, path)) is not None:
                yield from inserted(source, call, prefixed(call, layer_text))
        case Shortcut(path, layer_text):
            if (call := constructor_of(source, path)) is not None:
                yield appended(source, call, f"shortcut={prefixed(call, layer_text)}")
        case Around():
            yield from ways_around(source, edit, at)
        case Given():
            yield from islice(given_further_out(source, edit), MAX_CALLS)
        case Halved(path, attribute):
            if (call := constructor_of(source, path)) is not None:
                yield from _half(source, call, attribute)
        case Side():
            yield from sides_given(source, edit)
        case State():
            yield from islice(states_written(source, edit), MAX_CALLS)
        case Places():
            yield from islice(places_written(source, edit), MAX_CALLS)
        case Wrap(step, expression, back):
            written = functional(source, expression)
            written = _without_torch(written) if "torch" not in imported(source) else written
            for call in calls_of(source, step, at):
                if (inner := first_argument(call)) is not None:
                    end = span(source, call)[1]
                    yield [*_wrapped(source, call, inner, written), *([(end, end, f".{back}")] if back else [])]
        case Operand(index, expression):
            found_operands = operands(at)
            if isinstance(at, ast.AugAssign):
                yield from _added(source, at, index, expression)
            elif found_operands is not None:
                yield from _operand(source, found_operands, index, expression)
        case Argument(step, name, value):
            for call in calls_named(source, step, at):
                if (pieces := _argument(source, call, name, value)) is not None:
                    yield pieces
        case Word(step, word):
            yield [piece for call in calls_named(source, step, at) for piece in _named_so(source, call, word)]
        case Drop(step, expression):
            for call in calls_named(source, step, at):
                if (kept := first_argument(call)) is not None:
                    written = _bracketed(kept, source.cleaned.own[slice(*span(source, kept))], expression[2:] and "{}")
                    yield [(*span(source, call), expression.format(written))]
        case Part():
            yield from parts_taken(source, edit, at)
        case Axes():
            yield from islice(axes_kept(source, edit), MAX_CALLS)
        case Keyword(step, name, written):
            yield from (with_keyword(source, call, name, written) for call in calls_in_turn(source, step))
        case Joined():
            yield from joined_instead(source, edit)
        case Keep():
            yield from islice(statements_kept(source, edit, at), MAX_CALLS)


def _named_so(source: Source, call: ast.Call, word: str) -> list[Piece]:
    """Another word for the function of a call."""
    end = span(source, call.func)[1]
    return [(end - len(word_of(call)), end, word)]


def _operand(source: Source, operands: Sequence[ast.expr], index: int, expression: str) -> Iterator[list[Piece]]:
    """The expression of one of those that meet; with the other in it, that has to be a name."""
    other = operands[1 - index] if len(operands) == 2 else None
    inner = first_argument(other) if isinstance(other, ast.Call) else None
    if index >= len(operands) or not all(
        isinstance(one, ast.Name | ast.Attribute | ast.Subscript)
        for word, one in (("{1}", other), ("{2}", inner))
        if word in expression
    ):
        return
    written = (
        _bracketed(one, source.cleaned.own[slice(*span(source, one))], "{}") if one is not None else ""
        for one in (operands[index], other, inner)
    )
    yield [(*span(source, operands[index]), functional(source, expression.format(*written)))]


def _added(source: Source, at: ast.AugAssign, index: int, expression: str) -> Iterator[list[Piece]]:
    """The same of x += y; of x itself, as x = ... + y."""
    for pieces in _operand(source, (at.target, at.value), index, expression):
        target, sign = (
            span(source, at.target),
            source.cleaned.own[span(source, at.target)[1] : span(source, at.value)[0]],
        )
        name = source.cleaned.own[slice(*target)]
        rest = [(target[1], span(source, at.value)[0], f" {sign.strip().rstrip('=')} ")]
        yield pieces if index else [(target[0], target[1], f"{name} = {pieces[0][2]}"), *rest]


def _half(source: Source, call: ast.Call, attribute: str) -> Iterator[list[Piece]]:
    """Half of an argument: of a number its half, of anything else what divides it."""
    given = argument_of(call, attribute, parameters(call))
    if given is None:
        return
    start, end = span(source, given)
    if isinstance(given, ast.Constant) and isinstance(given.value, int):
        yield [(start, end, str(given.value // 2))]
    elif not isinstance(given, ast.Constant | ast.Tuple | ast.List):
        simple = isinstance(given, ast.Name | ast.Attribute | ast.Call | ast.Subscript)
        is_product = isinstance(given, ast.BinOp) and isinstance(given.op, ast.Mult)
        written = source.cleaned.own[start:end]
        yield [(start, end, f"{written if simple or is_product else f'({written})'} // 2")]


def _without_torch(expression: str) -> str:
    """{}.flatten(1) for torch.flatten({}, 1), in a text that has not imported torch."""
    word, _, rest = expression.removeprefix("torch.").partition("({}")
    return f"{{}}.{word}({rest.lstrip(', ')}" if expression.startswith("torch.") else expression


def _wrapped(source: Source, call: ast.Call, inner: ast.expr, expression: str) -> list[Piece]:
    """The expression of the tensor of a call, also where the call is given the same text again, as an attention is."""
    start, end = span(source, inner)
    text = source.cleaned.own[start:end]
    alike = [one for one in call.args if one is not inner and ast.dump(one) == ast.dump(inner)]
    places = [(start, end), *(span(source, one) for one in alike)]
    return [(*place, expression.format(_bracketed(inner, text, expression))) for place in places]


def _bracketed(node: ast.expr, written: str, expression: str) -> str:
    """What is written, in brackets where a dot follows and they are needed."""
    simple = isinstance(node, ast.Name | ast.Attribute | ast.Call | ast.Subscript)
    return written if simple or not expression.startswith("{}") else f"({written})"


def _set_by_parameters(source: Source, call: ast.Call, attribute: str) -> Iterator[list[Piece]]:
    """Another parameter of the function or the block that builds a layer, in place of the one that is its width: what
    several layers share is given no number where one of its own parameters is that."""
    given = argument_of(call, attribute, parameters(call))
    if attribute not in WIDTHS or not isinstance(given, ast.Name):
        return
    for word, function in list(functions_around(source, call))[-1:]:
        names = [one.arg for one in (*function.args.posonlyargs, *function.args.args) if one.arg != "self"]
        if given.id in names and word != type(source.weightless()).__name__:
            yield from ([(*span(source, given), name)] for name in names if name != given.id)


def _set_by_callers(source: Source, call: ast.Call, attribute: str, value: Any) -> Iterator[list[Piece]]:
    """Where a layer has the argument from a function or class around it: another of their parameters, or another value
    in one of their calls."""
    given = argument_of(call, attribute, parameters(call))
    if given is not None and not isinstance(given, ast.Name):
        return
    for word, function in functions_around(source, call):
        names = [one.arg for one in (*function.args.posonlyargs, *function.args.args)]
        names = names[1:] if names[:1] == ["self"] else names
        if given is None:
            yield from (appended(source, call, f"{name}={name}") for name in names if name == attribute)
            continue
        yield from ([(*span(source, given), name)] for name in names if name != given.id)
        calls = [one for one in ast.walk(source.cleaned.tree) if isinstance(one, ast.Call) and word_of(one) == word]
        for one in calls[:MAX_CALLS]:
            if (argument := argument_of(one, given.id, names)) is not None:
                yield [(*span(source, argument), literal(value))]
            elif given.id in BY_NAME and given.id in names:
                yield from named_as_beside(source, one, given.id)
                yield appended(source, one, f"{given.id}={literal(value)}")


def _removed(source: Source, call: ast.Call) -> list[Piece]:
    """Nothing where a layer stood in a row of layers; elsewhere one that changes nothing."""
    start, end = span(source, call)
    text = source.cleaned.own
    if not stands_in_a_row(source, call):
        return [(start, end, prefixed(call, "nn.Identity()"))]
    rest = text[end:]
    skipped = len(rest) - len(rest.lstrip())
    if rest.lstrip().startswith(","):
        end += skipped + 1
        end += len(text[end:]) - len(text[end:].lstrip(" "))
        line = text.rfind("\n", 0, start) + 1
        if not text[line:start].strip() and text[end : end + 1] == "\n":
            return [(line, end + 1, "")]
    return [(start, end, "")]


def _argument(source: Source, call: ast.Call, name: str, value: Any) -> list[Piece] | None:
    """Another argument of a call in forward; the sizes of view and reshape, of which {} is the tensor."""
    if name == "sizes":
        return _sizes(source, call, value)
    found = next((one.value for one in call.keywords if one.arg == name), None)
    method = isinstance(call.func, ast.Attribute) and not (
        isinstance(call.func.value, ast.Name) and call.func.value.id in ("torch", "F")
    )
    names = [*(() if method else ("input",)), "start_dim" if word_of(call) == "flatten" else "dim", "end_dim"]
    if found is None and name in names:
        index = names.index(name)
        found = call.args[index] if index < len(call.args) else None
    if found is not None:
        return [(*span(source, found), literal(value))]
    return appended(source, call, f"{name}={literal(value)}")


def _sizes(source: Source, call: ast.Call, value: tuple[Any, ...]) -> list[Piece] | None:
    of = call.func.value if isinstance(call.func, ast.Attribute) else None
    first = 0
    if of is None or (isinstance(of, ast.Name) and of.id == "torch"):
        of, first = (call.args[0] if call.args else None), 1
    if of is None or len(call.args) <= first:
        return None
    start, end = span(source, of)
    tensor = source.cleaned.own[start:end]
    if None in value:
        return _some_sizes(source, call.args[first:], value)
    written = ", ".join(one.format(tensor) if isinstance(one, str) else repr(one) for one in value)
    last = span(source, call.args[-1])[1]
    bracket = isinstance(call.args[first], ast.Tuple | ast.List)
    return [(span(source, call.args[first])[0], last, f"({written})" if bracket else written)]


def _some_sizes(source: Source, given: Sequence[ast.expr], value: tuple[Any, ...]) -> list[Piece] | None:
    """The sizes of a view that are not None, each in its place."""
    if len(given) == 1 and isinstance(given[0], ast.Tuple | ast.List):
        given = given[0].elts
    if len(given) != len(value) or any(isinstance(one, ast.Starred) for one in given):
        return None
    return [(*span(source, one), repr(size)) for one, size in zip(given, value, strict=True) if size is not None]
