"""The names of weights in a file beside those of a network: which are the same, and which probably are."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher

Shape = tuple[int, ...]
WRAPPED = {  # prefixes that somebody adds, and who
    "module": "nn.DataParallel",
    "_orig_mod": "torch.compile",
}
MAX_COMPARED = 60  # names that one is compared with
ALIKE = 0.6  # of 1: names of tensors of different shapes that may be meant
MAX_PREFIXES = 3


@dataclass(frozen=True)
class Pair:
    """A tensor of the network beside the one in the file that probably is it; '' and None where there is none."""

    wanted: str
    wanted_shape: Shape | None
    found: str
    found_shape: Shape | None


def stripped(found: Collection[str], wanted: Collection[str]) -> tuple[dict[str, str], str]:
    """The names in the file by what they are called in the network: without a prefix that all of them share, where more
    then are the same; and that prefix, '' for none."""
    names, removed, known = {name: name for name in found}, "", set(wanted)
    best = names
    for _ in range(MAX_PREFIXES):
        first = {name.partition(".")[0] for name in names}
        if len(first) != 1 or not all("." in name for name in names):
            break
        prefix = f"{first.pop()}."
        names = {name.removeprefix(prefix): whole for name, whole in names.items()}
        removed += prefix
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
    left = {name: shape for name, shape in spare.items() if name not in missing}
    for name, shape in missing.items():
        if name in spare:
            yield Pair(name, shape, name, spare[name])
            continue
        same = [other for other, size in left.items() if size == shape and _last(other) == _last(name)]
        same = same or [other for other, size in left.items() if size == shape]
        likely = same or [other for other in left if _last(other) == _last(name)]
        other = max(likely[:MAX_COMPARED], key=lambda one: _likeness(name, one), default="")
        if not same and (not other or _likeness(name, other) < ALIKE):
            yield Pair(name, shape, "", None)
        else:
            yield Pair(name, shape, other, left.pop(other))


def _last(name: str) -> str:
    return name.rpartition(".")[2]


def _likeness(one: str, other: str) -> float:
    """From 0 to 1."""
    return SequenceMatcher(None, one, other, autojunk=False).ratio()
