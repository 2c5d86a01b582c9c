"""Where a network's layers and calls stand in the text that it was read from."""

import ast
import inspect
from collections.abc import Iterator, Sequence
from typing import Any, Protocol

from torch import nn

from cnnviz.networks.source import Source
from cnnviz.networks.source.cleaning import Cleaned

Piece = tuple[int, int, str]  # from, to (characters of the text), and what stands there then
MAX_CALLS = 8  # of a forward that are tried for one edit


class Written(Protocol):
    """Whatever was read from a text."""

    @property
    def cleaned(self) -> Cleaned: ...


def call_of(source: Source, path: str) -> ast.Call | None:
    """The call that built the layer at a module path, or the ready-made network that it is a part of."""
    return source.makers.get(path, (None, False))[0]


def constructor_of(source: Source, path: str) -> ast.Call | None:
    """The call that built the layer at a module path, and that alone."""
    call, alone = source.makers.get(path, (None, False))
    return call if alone else None


def span(source: Written, node: ast.expr | ast.stmt) -> tuple[int, int]:
    """From where to where a node stands in the reader's text."""
    return _offset(source, node.lineno, node.col_offset), _offset(
        source, node.end_lineno or 1, node.end_col_offset or 0
    )


def _offset(source: Written, line: int, column: int) -> int:
    """The place of a line and a column in bytes, from 1 and from 0 as the tree has them."""
    own = source.cleaned.text.split("\n")[line - 1].encode()[:column].decode(errors="ignore")
    return source.cleaned.offset(line, len(own) + 1)


def imported(source: Source) -> set[str]:
    """The names that the text itself imports."""
    imports = [one for one in ast.walk(source.cleaned.tree) if isinstance(one, ast.Import | ast.ImportFrom)]
    return {(name.asname or name.name).partition(".")[0] for one in imports for name in one.names}


def known(source: Source) -> set[str]:
    """The names that the text imports, or uses as if it had."""
    return imported(source) | {one.id for one in ast.walk(source.cleaned.tree) if isinstance(one, ast.Name)}


def calls_named(source: Source, step: str, at: ast.AST | None) -> list[ast.Call]:
    """The calls of a function or method of that name, that at which the network stopped first."""
    word = step.rpartition(".")[2].rstrip("0123456789").rstrip("_")
    found = [at] if isinstance(at, ast.Call) and word_of(at) == word else []
    found += [one for one in ast.walk(source.cleaned.tree) if isinstance(one, ast.Call) and word_of(one) == word]
    return list(dict.fromkeys(found))[:MAX_CALLS]


def calls_of(source: Source, step: str, at: ast.AST | None) -> list[ast.Call]:
    """The call at which the network stopped; where that is of another name than the step, the calls of that name."""
    word = step.rpartition(".")[2]
    named = [one for one in ast.walk(source.cleaned.tree) if isinstance(one, ast.Call) and word_of(one) == word]
    if isinstance(at, ast.Call) and (word_of(at) == word or not named):
        return [at]
    return named[:MAX_CALLS]


def word_of(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def first_argument(call: ast.Call) -> ast.expr | None:
    """The tensor of a call: its first argument, or what stands before the dot."""
    of = call.func.value if isinstance(call.func, ast.Attribute) else None
    if (isinstance(of, ast.Name) and of.id in ("F", "torch", "nn")) or not isinstance(call.func, ast.Attribute):
        return call.args[0] if call.args else None
    layer = isinstance(of, ast.Name) and of.id == "self"
    return (call.args[0] if call.args else None) if layer or isinstance(of, ast.Attribute) else of


def operands(at: ast.AST | None) -> Sequence[ast.expr] | None:
    """The operands of a sum, a product or a cat: of x + y, x @ y, torch.add(x, y), x.matmul(y), torch.cat([x, y])."""
    match at:
        case ast.Call(args=[*_, first, second]) if word_of(at) in ("baddbmm", "addbmm"):
            return first, second
        case ast.BinOp():
            return at.left, at.right
        case ast.Call(args=[ast.Tuple() | ast.List() as several, *_]) if word_of(at) in (
            "cat",
            "concat",
            "concatenate",
        ):
            return several.elts
        case ast.Call(func=ast.Attribute(value=ast.Name(id="torch" | "F")), args=[first, second, *_]):
            return first, second
        case ast.Call(func=ast.Attribute(value=first), args=[second, *_]):
            return first, second
    return None


def argument_of(call: ast.Call, name: str, names: list[str]) -> ast.expr | None:
    """What a call gives for a parameter, of which `names` are those by order."""
    found = next((one.value for one in call.keywords if one.arg == name), None)
    if found is None and name in names and not any(isinstance(one, ast.Starred) for one in call.args):
        index = names.index(name)
        found = call.args[index] if index < len(call.args) else None
    return found


def functions_around(source: Source, call: ast.Call) -> Iterator[tuple[str, ast.FunctionDef]]:
    """The functions in which a call stands, with the words by which they are called: a class for its __init__."""
    for node in ast.walk(source.cleaned.tree):
        owner = node.name if isinstance(node, ast.ClassDef) else ""
        for function in ast.iter_child_nodes(node):
            if isinstance(function, ast.FunctionDef) and any(one is call for one in ast.walk(function)):
                yield (owner if function.name == "__init__" else function.name), function


def parameters(call: ast.Call) -> list[str]:
    """The parameters of the layer of torch.nn that a call builds, by their order."""
    layer = getattr(nn, word_of(call), None) if word_of(call) in nn.modules.__all__ else None
    if isinstance(layer, type) and issubclass(layer, nn.RNNBase):  # whose signature names none
        return ["input_size", "hidden_size", "num_layers"]
    return list(inspect.signature(layer).parameters) if layer is not None else []


def prefixed(call: ast.Call, layer_text: str) -> str:
    """A layer written as nn.Flatten(), with the words for nn that the text has."""
    if isinstance(call.func, ast.Attribute):
        of = ast.unparse(call.func.value)
        return layer_text if of in ("nn", "self") or "." not in of else layer_text.replace("nn.", f"{of}.")
    return layer_text.replace("nn.", "")


def functional(source: Source, expression: str) -> str:
    """An expression with F., with the word for torch.nn.functional that the text has."""
    names = known(source)
    word = "F" if "F" in names else "nn.functional" if "nn" in names else "torch.nn.functional"
    return f"{word}{expression[1:]}" if expression.startswith("F.") else expression


def literal(value: Any) -> str:
    """(2, 2) as 2, as a person writes it."""
    if isinstance(value, tuple) and len(value) > 1 and len(set(value)) == 1 and all(type(one) is int for one in value):
        return repr(value[0])
    return repr(value)


def appended(source: Written, call: ast.Call, argument: str) -> list[Piece]:
    """One more argument at the end of a call."""
    last = span(source, call)[1] - 1
    before = source.cleaned.own[:last].rstrip()
    comma = "" if before.endswith((",", "(")) else ", "
    if before.endswith(","):
        comma = " " if len(before) == last else ""
    at = last if not comma or comma == " " else len(before)
    return [(at, at, f"{comma}{argument}")]


def set_argument(source: Written, call: ast.Call, attribute: str, written: str) -> list[Piece]:
    """Another value of an argument, as it is written: where it stands, or behind the last one."""
    found = argument_of(call, attribute, parameters(call))
    if found is not None:
        return [(*span(source, found), written)]
    return appended(source, call, f"{attribute}={written}")
