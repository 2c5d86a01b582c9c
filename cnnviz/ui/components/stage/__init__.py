"""The stage: grids that are edited in place, a window that slides over them, and its arithmetic.

Python hands over planes (grids of numbers), the taps (which kernel position meets which input cell) and the outputs
(which planes are reduced to which); the browser draws, and sends back what was typed.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from math import isnan
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from cnnviz.ops.windows import Array, Geometry, PaddingMode, Pooling
from cnnviz.ui.components import lab
from cnnviz.ui.core import assets, component, edits, export, session
from cnnviz.ui.core.edits import Target
from cnnviz.ui.core.titles import TITLES

if TYPE_CHECKING:
    from cnnviz.ui.core.store import Store

ASSETS = assets.read(__file__)

# what is usual of a plane and of an output, as complete.js has it
PLANE: dict[str, Any] = {
    "note": None,
    "unreached": {"rows": [], "cols": []},
    "editable": False,
    "most": None,
    "drafts": {},
    "cut": None,
}
OUTPUT: dict[str, Any] = {"reduce": "sum", "bias": None, "divisors": None, "winners": None, "activated": None}


@dataclass(frozen=True)
class Plane:
    """One grid: `values` (H, W), padding included; a NaN is a number that is not told. `target` is the setting that
    editing changes; None is read-only."""

    id: str
    role: Literal["input", "kernel", "output", "bias"]
    title: str
    values: Array
    target: Target | None = None
    core: tuple[int, int, int, int] | None = None  # top, left, rows, columns of what is not padding
    sizable: bool = True  # whether its caption offers the size, where the target has one
    unreached: tuple[Sequence[int], Sequence[int]] = ((), ())  # rows and columns that no window meets
    note: str | None = None  # in place of the size


@dataclass(frozen=True)
class Output:
    """How plane `plane` comes about: the windows of each source (input plane, kernel plane or None), reduced."""

    plane: str
    sources: Sequence[tuple[str, str | None]]
    reduce: Literal["sum", "max", "average", "l2"] = "sum"
    bias: str | None = None
    divisors: Array | None = None  # (H_out, W_out), average and L2
    winners: NDArray[np.int64] | None = None  # (H_out, W_out, 2), max: row and column on the padded input
    then: tuple[str, str] | None = None  # the plane that an activation makes of this one, and its name


@dataclass(frozen=True)
class Column:
    """Planes under one another; `operator` stands before them. With `rows`, each plane stands in that row of the
    stage, beside the planes of other columns in the same row."""

    planes: Sequence[str]
    operator: str = ""
    rows: Sequence[int] | None = None


Pair = tuple[int, int]  # along the rows, along the columns


@dataclass(frozen=True)
class Rule:
    """How the windows come about, by the names of the settings: from it the browser works out at once what an edit or a
    stepper changes (foresee.js), and Python's answer confirms it. `kernel` is the window of a pooling, `outputs` what
    an adaptive one is asked for."""

    kind: Literal["convolution", "transposed", "pooling", "adaptive"]
    stride: Pair = (1, 1)
    padding: Pair = (0, 0)
    dilation: Pair = (1, 1)
    output_padding: Pair = (0, 0)
    kernel: Pair = (1, 1)
    outputs: Pair = (1, 1)
    mode: PaddingMode = "zeros"
    flip: bool = False
    same: bool = False
    ceil_mode: bool = False
    count_include_pad: bool = True
    results: Sequence[tuple[Pooling, str]] = ()  # what is made of each window side by side, and its title; () as it is


@dataclass(frozen=True)
class Scene:
    """All that a stage shows. `frames` are the outputs that fill together; the walk goes through one after the
    other. `stands_on` is a position of the walk to stand on, in place of walking by itself. Without a `rule` every
    consequence of an edit waits for Python."""

    label: str
    planes: Sequence[Plane]
    columns: Sequence[Column]
    outputs: Sequence[Output]
    rows: Geometry
    cols: Geometry
    frames: Sequence[Sequence[str]] = field(default_factory=tuple)
    height: int = 440  # pixels for the grids on a wide screen
    stands_on: int | None = None
    rule: Rule | None = None
    controls: Sequence[lab.Control] = ()  # what a saved file lets one set
    menus: Sequence[lab.Menu] = ()  # those of the page whose consequences the browser shows at once

    @property
    def targets(self) -> dict[str, Target]:
        """What typing into each editable plane changes."""
        return {plane.id: plane.target for plane in self.planes if plane.target}


def stage(store: "Store[Any]", scene: Scene, remarks: Sequence[str] = ()) -> None:
    """Draw `scene`; edits go into the settings of `store`. `remarks` go along when it is saved as a file."""
    key, data = store.key("stage"), scene_data(store, scene)

    def file() -> str:
        sentences = [f"As it was saved: {scene.label}.", *remarks, export.link_back(store)]
        return lab.document(for_file(data), lab_of(store, scene), TITLES[store.name], sentences)

    def take() -> None:
        edits.take(store, component.sent(key, "edits"), scene.targets)
        store.run_what_changed()

    component.mount(
        ASSETS,
        key=key,
        data={**_sparse(data), "file": export.requested(key, file), "session": session.name()},
        default={"edits": []},
        max_letters={"edits": edits.MAX_LETTERS},
        on_edits_change=take,
        on_save_change=lambda: export.ask(key),
    )


def scene_data(store: "Store[Any]", scene: Scene) -> dict[str, Any]:
    """A scene as the browser takes it."""
    return {
        "name": store.name,
        "label": scene.label,
        "columns": [asdict(column) for column in scene.columns],
        "planes": {plane.id: plane_data(store, plane) for plane in scene.planes},
        "outputs": [_output_data(output) for output in scene.outputs],
        "taps": {"rows": scene.rows.taps, "cols": scene.cols.taps},
        "frames": [list(ids) for ids in scene.frames or [[output.plane] for output in scene.outputs]],
        "height": scene.height,
        "rule": asdict(scene.rule) if scene.rule else None,
        "menus": {menu.field: menu.options for menu in scene.menus},
        "history": store.steps if scene.targets else None,
        "standsOn": scene.stands_on,
        "ack": store.typed.taken,
    }


def _sparse(data: dict[str, Any]) -> dict[str, Any]:
    """What goes over the line: of planes and outputs what is not as usual, which the browser knows (complete.js)."""
    whole = {name: {**PLANE, "core": (0, 0, plane["rows"], plane["cols"])} for name, plane in data["planes"].items()}
    planes = {name: _unusual(plane, whole[name]) for name, plane in data["planes"].items()}
    return {**data, "planes": planes, "outputs": [_unusual(output, OUTPUT) for output in data["outputs"]]}


def _unusual(part: dict[str, Any], usual: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in part.items() if name not in usual or value != usual[name]}


def lab_of(store: "Store[Any]", scene: Scene) -> lab.Lab:
    """What stands around the stage in a file: controls for what the link leaves free; none while a number is hidden."""
    hidden = any(np.isnan(plane.values).any() for plane in scene.planes)
    free = [] if hidden else [one for one in scene.controls if not store.lock.fixes(one.field)]
    return lab.Lab(free, getattr(store.state, "per_axis", False))


def for_file(data: dict[str, Any]) -> dict[str, Any]:
    """A scene as a file takes it, in which the browser alone answers: what is half typed, and was no number, is left
    out; of steps back there are none yet."""
    planes = {name: {**plane, "drafts": {}, "cut": None} for name, plane in data["planes"].items()}
    steps = data["history"] and dict.fromkeys(data["history"], False)
    return {**data, "planes": planes, "history": steps, "ack": 0}


def read_only(data: dict[str, Any]) -> dict[str, Any]:
    """The same for a file, behind which nobody computes: nothing can be typed, and what was no number is left out."""
    fixed = {
        name: {**plane, "editable": False, "most": None, "drafts": {}, "cut": None, "note": _size_note(plane)}
        for name, plane in data["planes"].items()
    }
    return {**data, "planes": fixed, "history": None}


def _size_note(plane: dict[str, Any]) -> str | None:
    """What stands for the boxes of a plane's size where nothing can be typed."""
    return "{2} × {3}".format(*plane["core"]) if plane["most"] else plane["note"]


def plane_data(store: "Store[Any]", plane: Plane) -> dict[str, Any]:
    """A plane as the browser takes it; one that the link fixes is read-only."""
    rows, cols = plane.values.shape
    target = None if plane.target and store.lock.fixes(plane.target.field) else plane.target
    return {
        "id": plane.id,
        "role": plane.role,
        "title": plane.title,
        "rows": rows,
        "cols": cols,
        "values": [None if isnan(value) else value for value in plane.values.ravel().tolist()],
        "note": plane.note,
        "core": plane.core or (0, 0, rows, cols),
        "unreached": {"rows": list(plane.unreached[0]), "cols": list(plane.unreached[1])},
        "editable": target is not None,
        "most": target.max_size if target and plane.sizable else None,
        "drafts": store.typed.drafts_of(target) if target else {},
        "cut": store.typed.cut.get(target.grid) if target else None,
    }


def _output_data(output: Output) -> dict[str, Any]:
    """An output as the browser takes it."""
    return {
        "plane": output.plane,
        "sources": [{"x": x, "w": w} for x, w in output.sources],
        "reduce": output.reduce,
        "bias": output.bias,
        "divisors": None if output.divisors is None else output.divisors.ravel().tolist(),
        "winners": None if output.winners is None else output.winners.reshape(-1, 2).tolist(),
        "activated": {"plane": output.then[0], "name": output.then[1]} if output.then else None,
    }
