"""What a network still needs after a change, for the same reason: the same width in a layer beside, as the two heads of
a VAE, and what else the step that stopped does not take."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from torch import nn

from cnnviz.tracing.candidates import widths
from cnnviz.tracing.causes import cause_of
from cnnviz.tracing.edits import Edit, Fix, Set, Several, parts_of
from cnnviz.tracing.explaining import called, wanted_width
from cnnviz.tracing.recorder import Stopped
from cnnviz.tracing.steps import Shape, Step

MAX_NAMED = 3  # layers in one sentence
OF_THE_STEP = ("layer", "call")  # kinds of changes of the step that stopped, and not of those before it


@dataclass(frozen=True)
class Then:
    """Where a changed network stops, which stopped at `before`."""

    before: Stopped
    network: nn.Module
    input_shape: Shape
    now: Stopped
    steps: Sequence[Step]

    def with_more(self, fix: Fix) -> Fix | None:
        """The fix with the change that is needed then; None where there is none that belongs to it."""
        return self._beside(fix) or (
            self._besides(fix) if self.now.name == self.before.name and fix.kind in OF_THE_STEP else None
        )

    def _beside(self, fix: Fix) -> Fix | None:
        """The same in another layer, which was made for as many and is given the same."""
        parts = parts_of(fix.edit)
        if not parts or not all(isinstance(one, Set) for one in parts) or not self._is_alike():
            return None
        first = next(one for one in parts if isinstance(one, Set))
        paths = [one.path for one in parts if isinstance(one, Set)]
        if self.now.name in paths or not hasattr(self.now.layer, first.attribute):
            return None
        edits = (*parts, Set(self.now.name, first.attribute, first.value))
        words = [called(path, self.now.operation.name) for path in (*paths, self.now.name)]
        named = f"{', '.join(words[:-1])} and {words[-1]}" if len(words) <= MAX_NAMED else f"{len(words)} layers"
        return Fix(f"{first.attribute}={first.value} in {named}", fix.kind, Several(edits))

    def _is_alike(self) -> bool:
        before, now = self.before, self.now
        return (
            before.operation.name == now.operation.name
            and wanted_width(before) == wanted_width(now)
            and before.shapes[:1] == now.shapes[:1]
        )

    def _besides(self, fix: Fix) -> Fix | None:
        """What else the same step needs: another width, another state."""
        made = parts_of(fix.edit)
        for one in self._further():
            if one.edit is not None and not any(_same(part, known) for part in parts_of(one.edit) for known in made):
                return Fix(f"{fix.text} and then {one.text}", fix.kind, Several((*made, *parts_of(one.edit))))
        return None

    def _further(self) -> Iterator[Fix]:
        cause = cause_of(self.network, self.input_shape, self.now, self.steps)
        yield from (
            cause.fixes[:1] if cause is not None else widths(self.network, self.input_shape, self.now, self.steps)
        )


def _same(one: Edit, other: Edit) -> bool:
    """Whether both change the same argument, or are of one kind of which there is but one."""
    if isinstance(one, Set) and isinstance(other, Set):
        return (one.path, one.attribute) == (other.path, other.attribute)
    return type(one) is type(other)
