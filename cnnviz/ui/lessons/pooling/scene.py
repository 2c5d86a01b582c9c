"""The scene of the Pooling page: one input, and an output for each kind of pooling."""

from collections.abc import Sequence

from cnnviz.lessons.common import presets
from cnnviz.lessons.common.format import sentence_case
from cnnviz.lessons.pooling.settings import KINDS, MAX_INPUT, MAX_KERNEL, WINDOWS, Pool, Pooled
from cnnviz.ops.windows import Pooling
from cnnviz.ui.components.lab import Control, Grids, Menu, Pair, Part, Switch
from cnnviz.ui.components.stage import Column, Output, Plane, Rule, Scene
from cnnviz.ui.core.edits import Target

SLIDING: Part = {"kind": "pooling"}
ADAPTIVE: Part = {"kind": "adaptive"}
CONTROLS: list[Control] = [
    Grids("x", "Input", "x0", presets.INPUTS),
    Pair("kernel", "Window", 1, MAX_KERNEL, SLIDING),
    Pair("stride", "Stride", 1, MAX_KERNEL, SLIDING),
    Pair("padding", "Padding", 0, MAX_KERNEL // 2, SLIDING),
    Pair("outputs", "Output size", 1, MAX_KERNEL, ADAPTIVE),
    Switch("ceil_mode", "Ceil mode", SLIDING),
    Switch("count_include_pad", "Average counts padding", SLIDING),
]
TITLES: dict[Pooling, str] = {"max": "Maximum", "average": "Average", "l2": "L2 norm"}


def scene(settings: Pool, pooled: Pooled) -> Scene:
    """Input on the left; the outputs fill together."""
    rows, cols = pooled.rows, pooled.cols
    core = (rows.before, cols.before, rows.size, cols.size)
    target = Target("x", "the input", max_size=MAX_INPUT)
    unreached = (rows.unreached, cols.unreached)
    planes = [Plane("x0", "input", "Input", pooled.padded, target, core, unreached=unreached)]
    outputs = []
    for index, (kind, (values, divisors)) in enumerate(pooled.results.items()):
        planes.append(Plane(f"y{index}", "output", TITLES[kind], values))
        winners = pooled.winners if kind == "max" else None
        outputs.append(Output(f"y{index}", [("x0", None)], kind, divisors=divisors, winners=winners))
    ids = [output.plane for output in outputs]
    columns = [Column(["x0"]), *(Column([one], "" if n else "→") for n, one in enumerate(ids))]
    sizes = f"of {rows.size} by {cols.size}, giving {rows.outputs} by {cols.outputs}"
    label = f"{settings.kind.capitalize()} pooling {sizes}"
    rule, menus = _rule(settings), [KIND, _reach(settings)]
    return Scene(label, planes, columns, outputs, rows, cols, [ids], rule=rule, controls=CONTROLS, menus=menus)


def _rule(settings: Pool) -> Rule:
    """How the windows come about."""
    return Rule(
        "pooling" if settings.reach == "window" else "adaptive",
        stride=settings.stride,
        padding=settings.padding,
        kernel=settings.kernel,
        outputs=settings.output_size,
        ceil_mode=settings.ceil_mode,
        count_include_pad=settings.count_include_pad,
        results=_results(settings.kinds),
    )


def _results(kinds: Sequence[Pooling]) -> list[tuple[Pooling, str]]:
    return [(kind, TITLES[kind]) for kind in kinds]


KIND = Menu("kind", "Kind", [(sentence_case(name), {"results": _results(KINDS[name])}) for name in KINDS])


def _reach(settings: Pool) -> Menu:
    outputs: Part = {"outputs": settings.outputs}
    parts = {"window": {**SLIDING, **outputs}, "adaptive": {**ADAPTIVE, **outputs}}
    parts["global"] = {**ADAPTIVE, "outputs": (1, 1)}
    return Menu("reach", "Windows", [(WINDOWS[name], part) for name, part in parts.items()])
