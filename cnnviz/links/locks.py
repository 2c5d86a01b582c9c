"""What a link fixes, so that an exercise stays what it was.

`?lock=x.w.stride` fixes these settings, `?lock=all` whatever the page can be set to; stepping, playing and pointing
stay free. `?hide=...` fixes them as well, and their controls are not drawn. A name that stands for both axes, such as
stride, fixes both. A lock is no secret: whoever edits the address is out of it.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from cnnviz.links.fields import shorten

ALL = "all"
PARAMETERS = ("lock", "hide")
MOST_TEXT = 400  # characters of a lock

# what is only looked at: `all` leaves it free, its own name fixes it
LOOKING: dict[str, tuple[str, ...]] = {
    "filters": ("row", "col", "colours"),
    "shapes": ("step", "beside"),
    "receptive": ("layer", "row", "col"),
    "draw": ("digit", "drawing"),
    "room": ("axis",),
    "inside": ("drawing", "scale", "layer", "channel", "row", "col", "view", "target", "cam"),
    "architectures": ("step",),
    "train": ("run", "beside", "axis", "compared", "compared_axis"),
    "evaluate": ("view", "true", "named", "page", "image"),
}
WORDS = {
    "x": "input",
    "w": "kernel",
    "b": "bias",
    "op": "operation",
    "per_axis": "axes",
    "same": "same padding",
    "mode": "padding mode",
    "reach": "windows",
    "outputs": "output size",
    "count_include_pad": "counting of padding",
    "text": "own text",
    "dataset": "data set",
    "optimizer": "optimiser",
}


@dataclass(frozen=True)
class Lock:
    """The settings that a link fixes, in the page's order; those in `hidden` have no control. `whole`: it is all that
    the page can be set to."""

    fixed: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()
    whole: bool = False

    def fixes(self, *fields: str) -> bool:
        """Whether one of `fields` is fixed."""
        return any(field in self.fixed for field in fields)


def read(page: str, fields: Sequence[str], query: Mapping[str, str]) -> tuple[Lock, list[str]]:
    """The lock in the query of a link to `page`, whose settings are `fields`; a sentence for what is no setting."""
    found, notes = {}, []
    for parameter in PARAMETERS:
        found[parameter], note = named(page, fields, parameter, query.get(parameter, ""))
        notes += note
    chosen = found["lock"] | found["hide"]
    fixed = tuple(field for field in fields if field in chosen)
    hidden = tuple(field for field in fields if field in found["hide"])
    settings = {field for name in names(page, fields) for field in meant(name, fields)}
    return Lock(fixed, hidden, bool(settings) and settings <= chosen), notes


def named(page: str, fields: Sequence[str], parameter: str, text: str) -> tuple[set[str], list[str]]:
    """The settings that `text` names, and a sentence where one of the names is none."""
    if len(text) > MOST_TEXT:
        note = f"The link's {parameter} was not used: it has {len(text):,} characters, {MOST_TEXT} are the most."
        return set(), [note]
    known = names(page, fields)
    found, wrong = set(), []
    for name in filter(None, re.split(r"[.,\s]+", text)):
        one = [field for each in known for field in meant(each, fields)] if name == ALL else meant(name, fields)
        found.update(one)
        wrong += [] if one or name == ALL else [name]
    if not wrong:
        return found, []
    offered = ", ".join([ALL, *known])
    note = f"The link's {parameter} names “{shorten(wrong[0])}”, which is no setting here; there are {offered}."
    return found, [note]


def meant(name: str, fields: Sequence[str]) -> list[str]:
    """The settings that `name` stands for: itself, or that of each axis."""
    return [field for field in (name, f"{name}_h", f"{name}_w") if field in fields]


def names(page: str, fields: Sequence[str]) -> list[str]:
    """The settings of `page` by the names that a lock takes: one for both axes, none for what is only looked at."""
    looking = LOOKING.get(page, ())
    return list(dict.fromkeys(common(field, fields) for field in fields if field not in looking))


def common(field: str, fields: Collection[str]) -> str:
    """stride for stride_h and for stride_w; any other field as it is."""
    base = re.sub("_[hw]$", "", field)
    return base if {f"{base}_h", f"{base}_w"} <= set(fields) else field


def word(name: str) -> str:
    """A setting in a sentence."""
    return WORDS.get(name, name.replace("_", " "))


def listed(fields: Sequence[str]) -> str:
    """The settings in a sentence: input, kernel and stride."""
    words = list(dict.fromkeys(word(re.sub("_[hw]$", "", field)) for field in fields))
    return " and ".join(filter(None, [", ".join(words[:-1]), words[-1]]))


def describe(lock: Lock) -> str:
    """What the lock fixes, in a sentence; '' where it fixes nothing."""
    if lock.whole:
        return "This link fixes the settings. Step, play and point as you like."
    return f"This link fixes: {listed(lock.fixed)}." if lock.fixed else ""


def refusal(fields: Sequence[str]) -> str:
    """Why a change was not made that would have changed `fields`."""
    return f"Nothing was changed: this link fixes {listed(fields)}."
