"""A Sequential of Keras, its configuration or the table of its summary, as the text of an nn.Sequential. The text is
read as a syntax tree; nothing of it is executed."""

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from cnnviz.networks.notation import NotationError
from cnnviz.networks.source.cleaning import Cleaned, clean
from cnnviz.networks.source.keras import rows, summary
from cnnviz.networks.source.keras.code import layers_of
from cnnviz.networks.source.keras.config import config_of
from cnnviz.networks.source.keras.kinds import NoCounterpartError
from cnnviz.networks.source.keras.layers import Translated, translate
from cnnviz.networks.source.keras.values import dotted

_MAX_TABLE = 100_000  # characters
_KERAS = re.compile(r"(keras|tensorflow|tf)(\..*)?|(.*\.)?(Dense|Convolution[123]D|\w*(Conv|Pool|Pooling)[123]D)")
_TORCH = re.compile(r"torch\.nn|(torch\.)?nn\.(Module|Sequential|Conv\dd|Linear)")
_BARE_TORCH = re.compile(r"(.*\.)?(Conv\dd|Linear)")
_LAYER = re.compile(r"\.add\(|\b[A-Z]\w{2,40}\(")
_CODE = re.compile(r"\bSequential\s*\(|^[ \t]*(class|def|from|import) +\w+", re.MULTILINE)


def read(text: str) -> Translated | None:
    """What a Sequential of Keras, its configuration, or what model.summary() prints of it is in PyTorch; None where it
    is none of them. Where there is code with a Sequential, the table behind it is left out."""
    try:
        if (layers := config_of(text)) is not None:
            return translate(layers)
        code = _cleaned(text)
        if code is not None and (found := _translated(code)) is not None:
            return found
        table = len(text) <= _MAX_TABLE and rows.recognised(text)
        if not table or (code is None and _CODE.search(text)):
            return None
        found_rows = summary.calls(text)
        translated = replace(translate(found_rows.calls), in_part=found_rows.in_part)
    except NoCounterpartError as error:
        return Translated("", (str(error),))
    except RecursionError:
        return Translated("", ("The text is nested too deeply to be read.",))
    return _with(translated, found_rows.notes)


def _cleaned(text: str) -> Cleaned | None:
    """The text as Python; None where it is none."""
    try:
        return clean(text)
    except NotationError:
        return None


def _translated(code: Cleaned) -> Translated | None:
    """The Sequential of a code; None where it has none. Raises NoCounterpartError."""
    names = set(_names(code.tree))
    if not _is_keras(names):
        return None
    found = layers_of(code.tree, lambda line: code.place(line, 1)[0])
    return None if found.layers is None else _with(translate(found.layers), [*_cut_off(code), *found.notes])


def _cut_off(code: Cleaned) -> Iterator[str]:
    """A sentence on a layer in the last line that is no Python, for the line was cut."""
    lines = code.own.rstrip().splitlines()
    kept = {code.place(at, 1)[0] for at, line in enumerate(code.lines, 1) if not line.blank}
    if lines and len(lines) not in kept and _LAYER.search(lines[-1]):
        yield f"Line {len(lines):,} is cut off, and the layer in it is left out: complete it."


def _with(translated: Translated, notes: Iterable[str]) -> Translated:
    """What is said of a network, beside what is said of its layers; a refusal stands alone."""
    if not translated.text:
        return Translated("", translated.notes)
    return replace(translated, notes=(*translated.notes, *notes))


def _names(tree: ast.Module) -> Iterator[str]:
    """The dotted names of a text, and the modules that it takes something from."""
    for node in ast.walk(tree):
        match node:
            case ast.Name() | ast.Attribute():
                yield dotted(node)
            case ast.ImportFrom(module=str() as module):
                yield module
            case ast.Import(names=names):
                yield from (one.name for one in names)


def _is_keras(names: set[str]) -> bool:
    """Whether they are Keras's, and not PyTorch's."""
    imported = any(re.fullmatch(r"(keras|tensorflow)(\..*)?", name) for name in names)
    if any(_TORCH.fullmatch(name) or (not imported and _BARE_TORCH.fullmatch(name)) for name in names):
        return False
    added = any(name.rpartition(".")[2] == "Sequential" for name in names) and any(
        name.endswith(".add") for name in names
    )
    return added or any(_KERAS.fullmatch(name) for name in names)
