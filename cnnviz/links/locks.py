"""What a link fixes, so that an exercise stays what it was.

`?lock=x.w.stride` fixes these settings, `?lock=all` whatever the page can be set to; stepping, playing and pointing
stay free. `?hide=...` fixes them as well, and their controls are not drawn. What is only looked at, the `looking` of a
page's settings, is left free by `all` and fixed by its own name. A lock is no secret: whoever edits the address is out
of it.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from cnnviz.links.fields import shorten

ALL = "all"
PARAMETERS = ("lock", "hide")
MAX_TEXT = 400  # characters of a lock

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


def read(parameters: Mapping[str, str], looking: Collection[str], query: Mapping[str, str]) -> tuple[Lock, list[str]]:
    """The lock in the query of a link to a page with these `fields.parameters`; a sentence for what is no setting."""
    found, notes = {}, []
    for parameter in PARAMETERS:
        found[parameter], note = _named(parameters, looking, parameter, query.get(parameter, ""))
        notes += note
    chosen = found["lock"] | found["hide"]
    fixed, hidden = (tuple(name for name in _settings(parameters) if name in some) for some in (chosen, found["hide"]))
    settings = {*_settings(parameters, looking)}
    return Lock(fixed, hidden, bool(settings) and settings <= chosen), notes


def _named(
    parameters: Mapping[str, str], looking: Collection[str], parameter: str, text: str
) -> tuple[set[str], list[str]]:
    """The settings that `text` names, and a sentence where one of the names is none."""
    if len(text) > MAX_TEXT:
        note = f"The link's {parameter} was not used: it has {len(text):,} characters, {MAX_TEXT} are the most."
        return set(), [note]
    names = list(filter(None, re.split(r"[.,\s]+", text)))
    meant = {parameters.get(name, name) for name in names if name != ALL}
    found = meant & {*_settings(parameters)} | ({*_settings(parameters, looking)} if ALL in names else set())
    wrong = [name for name in names if name != ALL and parameters.get(name, name) not in found]
    if not wrong:
        return found, []
    offered = ", ".join([ALL, *_settings(parameters, looking)])
    note = f"The link's {parameter} names “{shorten(wrong[0])}”, which is no setting here; there are {offered}."
    return found, [note]


def _settings(parameters: Mapping[str, str], looking: Collection[str] = ()) -> list[str]:
    """The settings of a page in their order, without what is only looked at."""
    return [name for name in dict.fromkeys(parameters.values()) if name not in looking]


def offered(parameters: Mapping[str, str], looking: Collection[str]) -> dict[str, str]:
    """The names that a lock takes, with a word for each, as it stands in a sentence."""
    return {name: _word(name) for name in _settings(parameters, looking)}


def _word(name: str) -> str:
    """A setting in a sentence."""
    return WORDS.get(name, name.replace("_", " "))


def _listed(fields: Sequence[str]) -> str:
    """The settings in a sentence: input, kernel and stride."""
    words = list(map(_word, fields))
    return " and ".join(filter(None, [", ".join(words[:-1]), words[-1]]))


def describe(lock: Lock) -> str:
    """What the lock fixes, in a sentence; '' where it fixes nothing."""
    if lock.whole:
        return "This link fixes the settings. Step, play and point as you like."
    return f"This link fixes: {_listed(lock.fixed)}." if lock.fixed else ""


def refusal(fields: Sequence[str]) -> str:
    """Why a change was not made that would have changed `fields`."""
    return f"Nothing was changed: this link fixes {_listed(fields)}."
