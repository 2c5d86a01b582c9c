"""The names of weights in a file beside those of a network: which are the same, and which probably are."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import islice

Shape = tuple[int, ...]
_Mark = tuple[Shape, str] | Shape | str
WRAPPED = {  # prefixes that somebody adds, and who
    "module": "nn.DataParallel",
    "_orig_mod": "torch.compile",
}
MAX_COMPARED = 60  # names that one is compared with
MAX_LIKENED = 40  # that are compared so, as many as a table shows
MAX_LETTERS = 60  # of the ends of two names, which are compared: of three times as many it takes milliseconds
ALIKE = 0.6  # of 1: names of tensors of different shapes that may be meant
MAX_PREFIXES = 16
ROLES = {  # what other libraries call the numbers of a layer, and PyTorch
    "gamma": "weight",
    "scale": "weight",
    "kernel": "weight",
    "beta": "bias",
    "offset": "bias",
    "moving_mean": "running_mean",
    "mean": "running_mean",
    "moving_variance": "running_var",
    "moving_var": "running_var",
    "variance": "running_var",
    "var": "running_var",
}


@dataclass(frozen=True)
class Pair:
    """A tensor of the network beside the one in the file that probably is it; '' and None where there is none."""

    wanted: str
    wanted_shape: Shape | None
    found: str
    found_shape: Shape | None


def stripped(found: Collection[str], wanted: Collection[str]) -> tuple[dict[str, str], str]:
    """The names in the file by what they are called in the network: without a prefix that most of them share, where
    more then are the same; and that prefix, '' for none."""
    names, removed, known = {name: name for name in found}, "", set(wanted)
    best = names
    for _ in range(MAX_PREFIXES):
        first = Counter(f"{name.partition('.')[0]}." for name in names if "." in name)
        prefix, count = first.most_common(1)[0] if first else ("", 0)
        shorter = {name.removeprefix(prefix): whole for name, whole in names.items()}
        if 2 * count <= len(names) or len(shorter) < len(names):
            break
        names, removed = shorter, removed + prefix
        if len(names.keys() & known) > len(best.keys() & known):
            return names, removed
    return best, ""


def differing(wanted: Mapping[str, Shape], found: Mapping[str, Shape]) -> list[Pair]:
    """What does not match: each tensor of the network that the file has not or in another shape, beside its likely
    counterpart, then what is left of the file."""
    missing = {name: shape for name, shape in wanted.items() if found.get(name) != shape}
    spare = {name: shape for name, shape in found.items() if wanted.get(name) != shape}
    pairs = list(_paired(missing, spare))
    taken = {pair.found for pair in pairs}
    return [*pairs, *(Pair("", None, name, shape) for name, shape in spare.items() if name not in taken)]


def _paired(missing: Mapping[str, Shape], spare: Mapping[str, Shape]) -> Iterator[Pair]:
    """Each that is missing: the one of its own name first, then of its shape, then one whose name is alike."""
    left: dict[_Mark, dict[str, None]] = {}  # the names in the file, under each of their marks
    for name, shape in spare.items():
        for mark in _marks(name, shape) if name not in missing else ():
            left.setdefault(mark, {})[name] = None
    compared = 0
    for name, shape in missing.items():
        if name in spare:
            yield Pair(name, shape, name, spare[name])
            continue
        *_, last = marks = _marks(name, shape)
        shared = next((mark for mark in marks if left.get(mark)), last)
        likely, compared = list(islice(left.get(shared, ()), MAX_COMPARED)), compared + 1
        alike = dict.fromkeys(likely[:1], 0.0)
        if compared <= MAX_LIKENED:
            alike = {one: _likeness(name, one) for one in likely}
        other = max(alike, key=alike.__getitem__, default="")
        if not other or (shared == last and alike[other] < ALIKE):
            yield Pair(name, shape, "", None)
        else:
            yield Pair(name, shape, other, spare[other])
            for mark in _marks(other, spare[other]):
                del left[mark][other]


def _marks(name: str, shape: Shape) -> tuple[_Mark, ...]:
    """What a tensor and its counterpart share, the surest first."""
    role = _in_pytorch(name).rpartition(".")[2]
    return (shape, role), shape, role


def _in_pytorch(name: str) -> str:
    """A name whose last part is what PyTorch calls it, with dots between its parts."""
    layer, dot, last = name.replace("/", ".").removesuffix(":0").rpartition(".")
    return f"{layer}{dot}{ROLES.get(last.lower(), last)}"


def _likeness(one: str, other: str) -> float:
    """From 0 to 1."""
    first, second = _in_pytorch(one)[-MAX_LETTERS:], _in_pytorch(other)[-MAX_LETTERS:]
    return SequenceMatcher(None, first, second, autojunk=False).ratio()
