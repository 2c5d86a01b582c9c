"""What a network still needs after a change, for the same reason: the same width in a layer beside, as the two heads of
a VAE; what else the step that stopped does not take; the linear layer of a network for images of other channels and of
another size."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from torch import nn

from cnnviz.tracing.candidates import views, widths
from cnnviz.tracing.cases import Case
from cnnviz.tracing.causes import cause_of
from cnnviz.tracing.dimensions import of_the_dimension
from cnnviz.tracing.edits import Axes, Edit, Fix, Given, Part, Replace, Set, Several, Word, parts_of
from cnnviz.tracing.explaining import called, laid_in_a_row, sizes_of, wanted_width
from cnnviz.tracing.recorder import Stopped
from cnnviz.tracing.steps import Shape, Step

MAX_NAMED = 3  # layers in one sentence
OF_SIZES = ("padding", "kernel", "stride")  # kinds of changes by which two maps come to the same size
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
        return (
            (self._dimension_too(fix) if fix.kind == "dimension" else self._beside(fix))
            or (self._besides(fix) if self.now.name == self.before.name and fix.kind in OF_THE_STEP else None)
            or (self._again(fix) if fix.kind == "call" else None)
            or (self._at_the_next(fix) if fix.kind in OF_SIZES else None)
            or (self._behind(fix) if self._is_for_other_images(fix) else None)
        )

    def _beside(self, fix: Fix) -> Fix | None:
        """The same in another layer, or block, which was made for as many and is given the same."""
        parts, now = parts_of(fix.edit), self.now
        widths = [one for one in parts if isinstance(one, Set | Given)]
        if not parts or len(widths) < len(parts) or not self._is_alike() or now.name in {one.path for one in widths}:
            return None
        first = widths[0]
        if isinstance(first, Given):
            within = first.path.removeprefix(first.block)
            if not first.block or not now.name.endswith(within):
                return None
            further: Set | Given = replace(first, path=now.name, block=now.name.removesuffix(within))
            blocks = [one.block for one in (*widths, further) if isinstance(one, Given)]
            text = f"{_named(blocks, 'blocks')} {fix.text[fix.text.index(' made for ') + 1 :]}"
        else:
            further = replace(first, path=now.name)
            words = [called(one.path, now.operation.name) for one in (*widths, further)]
            text = f"{first.attribute}={first.value} in {_named(words, 'layers')}"
        return Fix(text, fix.kind, Several((*parts, further)))

    def _dimension_too(self, fix: Fix) -> Fix | None:
        """One more layer for as many axes as the maps have."""
        made = parts_of(fix.edit)
        case = Case(self.network, self.input_shape, self.now, self.steps)
        for one in of_the_dimension(case, norms=True):
            parts = (*made, *parts_of(one.edit))
            if len({*parts}) > len(made):
                return Fix(_in_place(parts), fix.kind, Several(parts))
        return None

    def _is_alike(self) -> bool:
        before, now = self.before, self.now
        return (
            before.operation.name == now.operation.name
            and wanted_width(before) == wanted_width(now)
            and before.shapes[:1] == now.shapes[:1]
        )

    def _besides(self, fix: Fix) -> Fix | None:
        """What else the same step needs: another width, another state."""
        return _joined(fix, self._further())

    def _again(self, fix: Fix) -> Fix | None:
        """The same where the next call gives too much or too few axes: [0] behind it, keepdim in it."""
        made = parts_of(fix.edit)
        if not any(isinstance(one, Part | Axes) or getattr(one, "expression", "") == "{}[0]" for one in made):
            return None
        cause = cause_of(self.network, self.input_shape, self.now, self.steps)
        for one in cause.fixes if cause is not None else ():
            more = [part for part in parts_of(one.edit) if part not in made]
            if more and all(isinstance(part, Part | Axes) for part in more):
                return Fix(f"{fix.text} and then {one.text}", fix.kind, Several((*made, *more)))
        return None

    def _at_the_next(self, fix: Fix) -> Fix | None:
        """The same for the next maps that meet those of a transposed convolution, as at each join of a U-Net."""
        changed = [one.path for one in parts_of(fix.edit) if isinstance(one, Set)]
        of_decoder = all(getattr(self.network.get_submodule(path), "transposed", False) for path in changed)
        if not changed or not of_decoder or self.now.operation.name != self.before.operation.name:
            return None
        cause = cause_of(self.network, self.input_shape, self.now, self.steps)
        return _joined(fix, [one for one in cause.fixes if one.kind in OF_SIZES] if cause is not None else ())

    def _is_for_other_images(self, fix: Fix) -> bool:
        """Whether a layer takes as many channels as the images have, and the row or the view that is made of them later
        was for another size."""
        first, now = parts_of(fix.edit)[:1], self.now
        if not self.before.is_of_input or not all(isinstance(one, Set | Given) for one in first) or not first:
            return False
        is_view = now.layer is None and bool(sizes_of(now))
        is_row = now.operation.name == "Linear" and len(now.shapes[0]) == 2
        return now.name != self.before.name and (is_view or (is_row and laid_in_a_row(now, self.steps) is not None))

    def _behind(self, fix: Fix) -> Fix | None:
        """The fix and what that row needs: a width, or a view that leaves the images."""
        return _joined(fix, (*self._further(), *views(self.network, self.input_shape, self.now, self.steps)))

    def _further(self) -> Iterator[Fix]:
        cause = cause_of(self.network, self.input_shape, self.now, self.steps)
        yield from (
            cause.fixes[:1] if cause is not None else widths(self.network, self.input_shape, self.now, self.steps)
        )


def _joined(fix: Fix, further: Iterable[Fix]) -> Fix | None:
    """The fix with the first of those that changes something else."""
    made = parts_of(fix.edit)
    for one in further:
        if one.edit is not None and not any(_same(part, known) for part in parts_of(one.edit) for known in made):
            return Fix(f"{fix.text} and then {one.text}", fix.kind, Several((*made, *parts_of(one.edit))))
    return None


def _named(words: Sequence[str], many: str) -> str:
    """a and b; of many how many there are."""
    return f"{', '.join(words[:-1])} and {words[-1]}" if len(words) <= MAX_NAMED else f"{len(words)} {many}"


def _in_place(parts: Sequence[Edit]) -> str:
    """Conv1d and MaxPool1d in place of one and pool; of layers that have no names how many they are."""
    words, places = [], []
    for one in parts:
        if isinstance(one, Replace):
            words.append(one.layer_text.removeprefix("nn.").partition("(")[0])
            places.append(one.path)
        elif isinstance(one, Word):
            words.append(one.word)
            places.append(one.step)
    by_name = not any(place.rpartition(".")[2].isdigit() for place in places)
    new = list(dict.fromkeys(words))
    what = f"{', '.join(new[:-1])} and {new[-1]}" if len(new) > 1 else new[0]
    return f"{what} in place of {_named(places, 'layers') if by_name else f'{len(places)} layers'}"


def _same(one: Edit, other: Edit) -> bool:
    """Whether both change the same argument, or are of one kind of which there is but one."""
    if isinstance(one, Set | Given) and isinstance(other, Set | Given):
        return (one.path, one.attribute) == (other.path, other.attribute)
    return type(one) is type(other)
