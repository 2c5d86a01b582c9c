"""Numbers, sizes and names as people write them: with commas between, as JSON, or as Python, numpy and torch print
them. What can be read in one way alone is read; of anything else it is said what it is, and what to write instead.

Nothing is executed: what is no JSON is cut at its commas, or read by ast.literal_eval within bounds.
"""

import ast
import json
import re
import unicodedata
from collections.abc import Mapping, Sequence
from math import isfinite
from typing import Any

from cnnviz.data.texts import one_line

MAX_LETTERS = 200_000  # of what is read: 1,000 names of 80 letters, each with its escapes
MAX_LITERAL, MAX_COMMAS = 60_000, 4_000  # of what is read as Python's, which takes a tenth of a second at the most
MAX_CHANNELS, MAX_SIZE = 64, 10**9
MAX_COLOURS = 4  # channels of pictures that stand behind height and width, as other libraries have them
ORDERED = "write the names in the order of the outputs, with commas between"
SIDES = "give height and width, as in 28x28"
_NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
_DECIMAL_COMMA = re.compile(r"[+-]?0?,\d+", re.ASCII)
_CALLED = re.compile(r"(?:torch\.|np\.|numpy\.)?(?:[tT]ensor|as_tensor|array|asarray|float\d\d|Size)(?=\()")
_ARGUMENT = re.compile(r",\s*(?:dtype|device|requires_grad)\s*=\s*[\w.:'\"]+")
_PRINTED = re.compile(r"[A-Za-z_.]{1,40}\(\s*(?=[\[({])")  # how numpy, pandas and dict.keys() begin
_PRINTED_NAME = re.compile(r"(?:np\.|numpy\.)?str_\(('[^']*'|\"[^\"]*\")\)")
_SIDE_BY_SIDE = re.compile(r"(?<=['\"])\s+(?=['\"])")  # as numpy prints names
_NUMBERED = re.compile(r"(\d{1,4})\s*[:=](?!\d)\s*(.+)", re.ASCII)
_LISTED = str.maketrans(dict.fromkeys("[](){}'\"", " "))
_CLOSING = {"(": ")", "[": "]", "{": "}"}
_QUOTES = ("''", '""', "“”", "„“", "‘’", "«»", "``")


def numbers(value: object, channels: int) -> tuple[float, ...]:
    """One number a channel; a single one holds for all. Raises ValueError where it is not that."""
    wanted = f"{channels} numbers with commas between, one a channel" if channels > 1 else "one number"
    found = _json(value)
    readings = [_flat(found)] if not isinstance(found, str) else _readings(unicodedata.normalize("NFKC", found))
    read = [one for one in readings if one and all(map(isfinite, one))]
    fitting = {one * channels if len(one) == 1 else one for one in read if len(one) in (1, channels)}
    if len(fitting) == 1:
        return fitting.pop()
    if fitting:
        raise ValueError(f"{_quoted(value)} can be read in two ways; give {wanted}, with a point before the decimals")
    if not read:
        raise ValueError(f"{_quoted(value)} is not {wanted}")
    where = "" if channels > 1 else ", for pictures of one channel"
    raise ValueError(f"{_quoted(value)} has {len(read[0])} numbers; give {wanted}{where}")


def _flat(value: object) -> tuple[float, ...]:
    """The numbers in a list, or in lists in it; none where something else stands in it."""
    waiting, found = [value], list[float]()
    while waiting:
        one = waiting.pop()
        if isinstance(one, list):
            waiting += reversed(one)
        elif isinstance(one, str) and _NUMBER.fullmatch(one.strip()):
            found.append(float(one))
        elif isinstance(one, float) or type(one) is int:
            try:
                found.append(float(one))
            except OverflowError:
                return ()
        else:
            return ()
    return tuple(found)


def _readings(text: str) -> list[tuple[float, ...]]:
    """The numbers in a text, with commas or blanks between; and as they are where the commas stand before decimals."""
    text = _ARGUMENT.sub("", _CALLED.sub("", text))
    plain = text.translate(_LISTED)
    parts = [part for part in re.split(r"[\s,;]+", plain) if part]
    found = [tuple(map(float, parts))] if all(map(_NUMBER.fullmatch, parts)) else []
    decimal = [part.rstrip(",") for part in re.split(r"[\s;]+", text.strip())]
    if plain == text and any(map(_DECIMAL_COMMA.fullmatch, decimal)):
        dotted = [part.replace(",", ".", 1) if _DECIMAL_COMMA.fullmatch(part) else part for part in decimal]
        found += [tuple(map(float, dotted))] if all(map(_NUMBER.fullmatch, dotted)) else []
    return found


def sizes(value: object) -> tuple[int, ...]:
    """(H, W), of which one number stands for both, or (C, H, W), however they are written. Raises ValueError where it
    is neither."""
    found = _json(value)
    if isinstance(found, Mapping):
        found = [found.get(name) for name in ("height", "width")]
    if isinstance(found, str):
        plain = _CALLED.sub("", unicodedata.normalize("NFKC", found)).translate(_LISTED)
        parts = [part for part in re.split(r"[\sxX×*,;]+", plain) if part]
        found = [int(part) if re.fullmatch(r"\d{1,9}", part, re.ASCII) else None for part in parts]
    given = found if isinstance(found, list) else [found]
    if not all(type(one) is int and 0 < one < MAX_SIZE for one in given) or len(given) not in (1, 2, 3, 4):
        raise ValueError(f"{_quoted(value)} is no size of pictures; {SIDES}")
    if len(given) == 4 and given[0] == 1:  # a batch of one
        given = given[1:]
    if len(given) == 3 and given[2] <= MAX_COLOURS < min(given[:2]):
        given = [given[2], *given[:2]]
    if len(given) == 4 or (len(given) == 3 and given[0] > MAX_CHANNELS):
        raise ValueError(f"{_quoted(value)} is no size of pictures; {SIDES}")
    return (given[0], given[0]) if len(given) == 1 else tuple(given)


def classes(value: object) -> tuple[str, ...]:
    """The names of classes in the order of the outputs: from a list, from a table with their numbers, or from a text
    with commas or line ends between. Raises ValueError where their order is not said."""
    found = _literal(value) if isinstance(value, str) else value
    if isinstance(found, Mapping):
        return _by_number(found, value)
    if isinstance(found, (list, tuple)):
        return tuple(_name(one) for one in found)
    if isinstance(found, (set, frozenset)):
        raise ValueError(f"{_quoted(value)} has no order; {ORDERED}")
    return _split(str(found))


def written(names: Sequence[str]) -> str:
    """The names as `classes` reads them: with commas between, or as a list of JSON where that is read otherwise."""
    line = ", ".join(names)
    try:
        read = classes(line)
    except ValueError:
        read = ()
    return line if read == tuple(names) else json.dumps(names, ensure_ascii=False)


def _split(text: str) -> tuple[str, ...]:
    """The names in a text, cut at its commas and line ends, or, where it has none, at its semicolons."""
    inner = text.strip()
    opening = inner[:1]
    if opening in _CLOSING and _encloses(inner, opening):
        inner = inner[1:-1]
    else:
        opening = ""
    between = r"[,\n]" if "," in inner or "\n" in inner else ";"
    parts = [part for one in re.split(between, inner) if (part := one.strip())]
    if opening == "{":
        pairs = [part.rpartition(":") for part in parts]
        if not all(colon for _, colon, _ in pairs):
            raise ValueError(f"{_quoted(text)} has no order; {ORDERED}")
        return _by_number({_unquoted(key.strip()): _unquoted(one.strip()) for key, _, one in pairs}, text)
    numbered = [match for part in parts if (match := _NUMBERED.fullmatch(part))]
    if parts and len(numbered) == len(parts):
        return _by_number({match[1]: _unquoted(match[2]) for match in numbered}, text)
    return tuple(map(_unquoted, parts))


def _encloses(text: str, opening: str) -> bool:
    """Whether the bracket that a text begins with is closed at its end, and not before."""
    depth = 0
    for place, letter in enumerate(text):
        depth += (letter == opening) - (letter == _CLOSING[opening])
        if not depth:
            return place == len(text) - 1
    return False


def _unquoted(name: str) -> str:
    """A name without the quotation marks around it."""
    return name[1:-1] if len(name) > 1 and name[0] + name[-1] in _QUOTES else name


def _by_number(table: Mapping[Any, Any], value: object) -> tuple[str, ...]:
    """The names of a table by their numbers, which are its keys, as in id2label, or its values, as in class_to_idx."""
    by_key = _ordered(table.keys(), table.values())
    by_value = _ordered(table.values(), table.keys())
    if by_key and by_value and by_key != by_value:
        if not all(type(one) is int and isinstance(key, str) for key, one in table.items()):
            raise ValueError(f"{_quoted(value)} has numbers on both sides; {ORDERED}")
        by_key = ()
    if not (found := by_key or by_value):
        raise ValueError(f"{_quoted(value)} does not number its names from 0 without a gap; {ORDERED}")
    return found


def _ordered(places: Any, names: Any) -> tuple[str, ...]:
    """The names in the order of their places; none where those are not 0, 1, 2 ... or 1, 2, 3 ..."""
    found = dict[int, Any]()
    for place, name in zip(places, names, strict=True):
        if type(place) is not int and not (isinstance(place, str) and re.fullmatch(r"\d{1,4}", place, re.ASCII)):
            return ()
        found[int(place)] = name
    first = min(found, default=-1)
    if first not in (0, 1) or sorted(found) != list(range(first, first + len(places))):
        return ()
    return tuple(_name(found[place]) for place in sorted(found))


def _name(value: object) -> str:
    """A name; a number is one, too. Raises ValueError for anything else."""
    if isinstance(value, (str, int)) or (isinstance(value, float) and isfinite(value)):
        return str(value)
    raise ValueError(f"{_quoted(value)} is no name of a class; {ORDERED}")


def _json(value: object) -> Any:
    """What a text says as JSON; the text where it is none. Raises ValueError where it is too long."""
    if not isinstance(value, str):
        return value
    if len(value) > MAX_LETTERS:
        raise ValueError(f"{_quoted(value)} has {len(value):,} letters, and {MAX_LETTERS:,} are the most")
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        return value


def _literal(value: str) -> Any:
    """What a text says as JSON, or as a list, a tuple or a table of Python; the text where it is none of these."""
    if isinstance(found := _json(value), (list, dict)):
        return found
    text = found if isinstance(found, str) else value
    plain = text.strip()
    if (match := _PRINTED.match(plain)) and plain.endswith(")"):
        plain = plain[match.end() : -1]
        plain = plain[: max(map(plain.rfind, "])}")) + 1]
    if plain[:1] not in _CLOSING or len(plain) > MAX_LITERAL or plain.count(",") > MAX_COMMAS:
        return text
    try:
        return ast.literal_eval(_SIDE_BY_SIDE.sub(", ", _PRINTED_NAME.sub(r"\1", plain)))
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return text


def _quoted(value: object) -> str:
    """A value as it stands in a sentence."""
    try:
        words = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    except RecursionError:  # of lists in lists
        words = "[[[..."
    return repr(one_line(words, 40))
