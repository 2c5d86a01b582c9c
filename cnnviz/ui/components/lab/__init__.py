"""A stage that needs no server: from a file, offline, in a learning management system. Its windows and sums are worked
out in the browser, by the module that foresees Python's answers on a page."""

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from cnnviz.links import Cells
from cnnviz.ui.core import assets, export

ASSETS = assets.read(__file__)

PairName = Literal["stride", "padding", "dilation", "output_padding", "kernel", "outputs"]
Part = Mapping[str, Any]  # of a stage's Rule


@dataclass(frozen=True)
class Pair:
    """Steppers for a setting along rows and columns, from `low` to `high`; `goes_with`: what the rule has to have for
    it to be shown."""

    field: PairName
    label: str
    low: int
    high: int
    goes_with: Part = dataclasses.field(default_factory=dict)
    kind: Literal["pair"] = "pair"


@dataclass(frozen=True)
class Menu:
    """One of several parts of the rule, by what they are called there and in the app's menu of that name."""

    field: str
    label: str
    options: Sequence[tuple[str, Part]]
    goes_with: Part = dataclasses.field(default_factory=dict)
    kind: Literal["menu"] = "menu"


@dataclass(frozen=True)
class Switch:
    """A part of the rule that is on or off."""

    field: Literal["same", "ceil_mode", "count_include_pad"]
    label: str
    goes_with: Part = dataclasses.field(default_factory=dict)
    kind: Literal["switch"] = "switch"


@dataclass(frozen=True)
class Grids:
    """Ready-made grids for a plane."""

    field: str
    label: str
    plane: str
    options: Mapping[str, Cells]
    goes_with: Part = dataclasses.field(default_factory=dict)
    kind: Literal["grids"] = "grids"


Control = Pair | Menu | Switch | Grids


@dataclass(frozen=True)
class Link:
    """What opens a stage in the app: its settings in a link, of which the lab changes some, and by setting the planes
    that its grids stand in; a grid that is on no plane stands there as a link writes it."""

    query: Mapping[str, str]
    grids: Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class Challenge:
    """A sentence, and the stage on which to try it."""

    sentence: str
    data: Mapping[str, Any]


@dataclass(frozen=True)
class Lab:
    """What stands around the stage. `apart`: rows and columns are set apart; `presets` are stages, each with its
    `link`; `page` and `index` are the addresses of the lesson in the app and of the page that lists the labs."""

    controls: Sequence[Control]
    apart: bool = False
    presets: Mapping[str, Mapping[str, Any]] = dataclasses.field(default_factory=dict)
    challenges: Mapping[str, Challenge] = dataclasses.field(default_factory=dict)
    page: str = ""
    index: str = ""


def document(stage: Mapping[str, Any], lab: Lab, title: str, sentences: Sequence[str] = ()) -> str:
    """The HTML file: a stage's data with its lab around it, and the `sentences` below."""
    return export.standalone(ASSETS, {**stage, "lab": asdict(lab)}, title, sentences)
