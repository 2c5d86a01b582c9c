"""A network that stopped, as what looks for its cause knows it; and a cause."""

from collections.abc import Sequence
from dataclasses import dataclass

from torch import nn

from cnnviz.ops.arithmetic import times
from cnnviz.tracing.edits import Fix, Side, Wrap, in_a_row
from cnnviz.tracing.explaining import called
from cnnviz.tracing.recorder import Stopped
from cnnviz.tracing.steps import INPUT, Shape, Step, ancestors, around


@dataclass(frozen=True)
class Cause:
    """Why a network stopped, in a sentence without a full stop, and what belongs to it; `is_all` where nothing else is
    worth offering once that has mended it."""

    sentence: str
    fixes: tuple[Fix, ...]
    is_all: bool = True


@dataclass(frozen=True)
class Case:
    """A network that stopped, with all that is known of it."""

    network: nn.Module
    input_shape: Shape
    stopped: Stopped
    steps: Sequence[Step]

    @property
    def name(self) -> str:
        return called(self.stopped.name, self.stopped.operation.name)

    @property
    def shape(self) -> Shape:
        """The first shape that came in."""
        return self.stopped.shapes[0] if self.stopped.shapes else ()

    @property
    def call(self) -> str:
        """The name that the step which stopped would have had as a row."""
        return call_of(self.stopped, self.steps)

    def before(self, method: str, back: str = "") -> tuple[Fix, ...]:
        """x.method() as the argument of the step that stopped, and `back` of what it gives; where that is the first
        layer of a block, or of an nn.Sequential, which has no forward of its own, as the argument of that, the
        outermost first."""
        of = "" if method.startswith("[") else "."
        fixes = []
        if not back:
            for block in self._blocks_around():
                fixes.append(Fix(f"x{of}{method} before {block}", "call", Wrap(block, f"{{}}{of}{method}")))
        if self.stopped.layer is None or not (in_a_row(self.network, self.stopped.name) or not self.stopped.name):
            text = f"x{of}{method} before {self.name}{' and behind it' if back else ''}"
            fixes.append(Fix(text, "call", Wrap(self.call, f"{{}}{of}{method}", back)))
        return tuple(fixes)

    def _blocks_around(self) -> list[str]:
        """The paths of the blocks that a forward calls and that begin with the layer which stopped, the outermost
        first. Of what is no nn.Sequential, which layer its forward calls first is for a trace to say."""
        path, found = self.stopped.name if self.stopped.layer is not None else "", list[str]()
        for block in list(around(path))[:-1]:
            row, inner = self.network.get_submodule(block), path.removeprefix(f"{block}.").partition(".")[0]
            if isinstance(row, nn.Sequential) and next(iter(row._modules), None) != inner:
                found.clear()  # what is in there is given what comes before it
            elif not (isinstance(row, nn.ModuleList | nn.ModuleDict) or block.rpartition(".")[2].isdigit()):
                found += [] if in_a_row(self.network, block) else [block]
        return found

    def of_its_side(self) -> tuple[Fix, ...]:
        """The network made for pictures of the side that they have, where a text tells it one."""
        sides = self.input_shape[2:]
        if len(sides) != 2 or sides[0] != sides[1]:
            return ()
        return (Fix(f"the network made for {times(sides)}", "side", Side(sides[0])),)

    def ancestors(self, sources: Sequence[str] | None = None) -> list[Step]:
        """The steps that `sources`, those of what stopped, are made of, in their order."""
        return ancestors(self.steps, self.stopped.sources if sources is None else sources)

    def source(self, index: int) -> str:
        """What feeds the step that stopped, in a sentence."""
        return self.source_called(self.stopped.sources[index] if index < len(self.stopped.sources) else INPUT)

    def source_called(self, name: str) -> str:
        """A source by that name, in a sentence."""
        step = next((step for step in reversed(self.steps) if step.name == name), None)
        return called(name, step.operation) if step is not None else "the input" if name == INPUT else name


def call_of(stopped: Stopped, steps: Sequence[Step]) -> str:
    """The name that the step which stopped would have had as a row: view_2 where there has been a view."""
    rows = {step.name for step in steps}
    count = sum(f"{stopped.name}_{number}" in rows for number in range(2, len(rows) + 2)) + (stopped.name in rows)
    return f"{stopped.name}_{count + 1}" if count else stopped.name
