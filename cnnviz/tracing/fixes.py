"""What would mend a network that stopped: the smallest changes, each verified by a trace before it is named.

How many are tried is counted and not timed, so that a loaded machine finds the same.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

from torch import nn
from torch.nn.parameter import is_lazy

from cnnviz.ops.arithmetic import times
from cnnviz.tracing.batch import mixing
from cnnviz.tracing.candidates import candidates
from cnnviz.tracing.cases import Case, Cause
from cnnviz.tracing.causes import cause_of
from cnnviz.tracing.dropped import results_kept
from cnnviz.tracing.edits import (
    WIDTHS,
    Around,
    Drop,
    Edit,
    Fix,
    Given,
    Insert,
    OfTheText,
    Operand,
    Remove,
    Set,
    Shortcut,
    Side,
    Wrap,
    made,
    make,
    parts_of,
)
from cnnviz.tracing.explaining import oversized_window
from cnnviz.tracing.meta import weightless
from cnnviz.tracing.operations import layer_name
from cnnviz.tracing.recorder import Stopped, record, runs
from cnnviz.tracing.sizes import is_beyond_sizes, larger, other_sizes, usual_near
from cnnviz.tracing.steps import Shape, Step, result_shape
from cnnviz.tracing.together import Then

MAX_FIXES = 4
MAX_TOGETHER = 7  # layers or calls more that are changed at once
MAX_TRIES = 48  # changes of the network that are tried; of sizes of its input, those that sizes.py names

_GIVEN = ("out_features", "out_channels", "hidden_size", "embed_dim")  # arguments that say what a layer gives

Verify = Callable[[Edit], nn.Module | None]


def apply(network: nn.Module, fix: Fix) -> nn.Module:
    """A weightless copy of `network`, of float32, with the change made; for a change of the input, just the copy.
    Raises ValueError for a change of its forward, which only its text can say."""
    changed = weightless(network).float()
    if fix.edit is not None:
        make(changed, fix.edit)
    return changed.eval()


def suggest_fixes(
    network: nn.Module,
    input_shape: Shape,
    stopped: Stopped,
    steps: Sequence[Step],
    verify: Verify | None = None,
    further: tuple[Shape, ...] = (),
) -> tuple[Fix, ...]:
    """Up to four changes, each of another kind, after which the step that stopped works; those first after which the
    whole network does. Where another size of the input mends it, one is among them.

    `verify` makes a change in the text that the network was read from, and gives the new network, without weights, or
    None where the text cannot be changed so: such a change is left out. Without it, what only a text can say is none.
    `further` are the inputs besides the first, where the network takes several; those of the first one's shape change
    with it.
    """
    cause = cause_of(network, input_shape, stopped, steps)
    trial = _Trial(network, (input_shape, *further), stopped, steps, cause, verify)
    kept = trial.held(results_kept(Case(network, input_shape, stopped, steps)))
    if any(fix.whole for fix in kept):
        return kept
    found = trial.held(cause.fixes) if cause is not None else ()
    if cause is not None and cause.is_all and any(fix.whole for fix in found):
        return found  # what else made the shapes fit would only hide it
    found = (*found, *trial.held(candidates(network, input_shape, stopped, steps)))
    if not any(fix.input_shape and fix.whole for fix in found):
        found = (*found, *trial.of_another_size())
    return _chosen(found)


def _chosen(found: Sequence[Fix]) -> tuple[Fix, ...]:
    """Four of them, each of another kind, another input among them: those first that mend the whole."""
    by_worth = sorted(found, key=lambda fix: not fix.whole)
    first = {fix.kind: fix for fix in reversed(by_worth)}
    ordered = [fix for fix in by_worth if first[fix.kind] is fix]
    given = [fix for fix in ordered if fix.input_shape][:1]
    rest = [fix for fix in ordered if not fix.input_shape][: MAX_FIXES - len(given)]
    return tuple(sorted([*rest, *given], key=ordered.index))


class _Trial:
    """Tries changes of one network that stopped."""

    def __init__(
        self,
        network: nn.Module,
        input_shapes: tuple[Shape, ...],
        stopped: Stopped,
        steps: Sequence[Step],
        cause: Cause | None,
        verify: Verify | None,
    ):
        self.cause = cause
        self.network, self.verify = weightless(network, lazy=True).float(), verify  # as layers are made anew
        self.is_lazy = any(map(is_lazy, self.network.parameters()))
        (self.input_shape, *self.further), self.stopped, self.steps = input_shapes, stopped, steps
        self.looks: dict[Shape, Stopped | None] = {}
        self.wide: set[Edit] = set()
        self.tries, self.is_a_row = MAX_TRIES, isinstance(network, nn.Sequential)

    def own(self) -> nn.Module:
        """The network to run: lazy layers take their sizes only once."""
        return weightless(self.network, lazy=True) if self.is_lazy else self.network

    def inputs(self, shape: Shape) -> tuple[Shape, ...]:
        """All inputs where the first has that shape: those that were of the same one have it, too."""
        return (shape, *(shape if one == self.input_shape else one for one in self.further))

    def held(self, fixes: Iterable[Fix]) -> tuple[Fix, ...]:
        """Of each kind the first that holds, one that mends the whole before any other; with `whole` filled in."""
        found: dict[str, Fix | None] = {}
        wider: list[Fix] = []  # that change what other layers give, which is for where nothing smaller mends it
        for fix in fixes:
            known = found.get(fix.kind)
            if known is not None and known.whole:
                continue
            if isinstance(fix.edit, Given) and any(one.whole and one.kind == fix.kind for one in wider):
                continue
            if self.tries == 0:
                break
            further = self.tried(fix)
            if further is not None and fix.edit in self.wide:
                found.setdefault(fix.kind, None)
                wider.append(further)
            elif further is not None and (known is None or further.whole):
                found[fix.kind] = further
        for one in wider:
            known = found[one.kind]
            if known is None or (one.whole and not known.whole):
                found[one.kind] = one
        return tuple(one for one in found.values() if one is not None)

    def tried(self, fix: Fix) -> Fix | None:
        """The fix with `whole` filled in, and with what else the network needs for the same reason; None where the same
        step still stops, or stops sooner."""
        held, further = self._seen(fix)
        for _ in range(MAX_TOGETHER):
            if further is None or self.tries == 0:
                break
            more, further = self._seen(further)
            held = more or held
        return held

    def _seen(self, fix: Fix) -> tuple[Fix | None, Fix | None]:
        """The fix where it holds, and the same with what the network needs after it."""
        if fix.edit is not None and self.verify is None and self._is_unsaid(fix.edit):
            return None, None
        self.tries -= 1
        try:
            if fix.edit is None:
                return self._outcome(fix, self.own())
            if self.verify is None:
                with made(self.own(), fix.edit) as changed:
                    return self._outcome(fix, changed)
            built = self.verify(fix.edit)
            return (None, None) if built is None else self._outcome(fix, weightless(built), in_text=True)
        except Exception:  # a change that torch's constructors refuse is none
            return None, None

    def _is_unsaid(self, edit: Edit) -> bool:
        """Whether the modules of the network cannot say a change, as one of a call."""
        return _only_in_text(self.network, edit) or (_is_call(edit) and self.is_a_row)

    def _outcome(self, fix: Fix, changed: nn.Module, in_text: bool = False) -> tuple[Fix | None, Fix | None]:
        shapes = self.inputs(fix.input_shape or self.input_shape)
        if fix.edit is not None and _gives_otherwise(fix.edit, self.network, changed):
            self.wide.add(fix.edit)
        fix = _as_made(fix, self.network, changed)
        if runs(changed, *shapes):
            return (replace(fix, whole=True) if self._keeps(fix, changed, shapes) else None), None
        try:
            steps, now = record(changed, *shapes)
        except ValueError:  # after all its steps, as where nothing is returned
            return (fix if _is_of_widths(fix.edit) else None), None
        before = len(self.steps) + sum(self._rows_more(edit, in_text) for edit in parts_of(fix.edit))
        holds = now is None or (len(steps) > before and not _is_of_all(fix.edit))
        held = replace(fix, whole=now is None) if holds else None
        return held, None if now is None else Then(self.stopped, changed, shapes[0], now, steps).with_more(fix)

    def _rows_more(self, edit: Edit, in_text: bool) -> int:
        """How many rows more there are after the change before the step that stopped."""
        if isinstance(edit, Remove):
            return -any(step.module == edit.path for step in self.steps)
        if isinstance(edit, Drop):
            return -(edit.expression == "{}")
        if isinstance(edit, Wrap):
            calls = edit.expression not in ("{}", "{}.contiguous()", "{}[0]")
            return int(calls and (in_text or self._is_block(edit.step))) + bool(edit.back)
        return int(isinstance(edit, Insert | Shortcut | Around | Operand))

    def _is_block(self, path: str) -> bool:
        """Whether there is a block of several layers at that path: what is done with its input is a row."""
        module = dict(self.network.named_modules()).get(path)
        return module is not None and not layer_name(module)

    def _keeps(self, fix: Fix, changed: nn.Module, shapes: tuple[Shape, ...]) -> bool:
        """Whether the change leaves each image its own. Another width of a layer that images come to one by one does,
        whatever the network makes of them then."""
        if keeps_images(changed, shapes):
            return True
        several = tuple((shape[0] + 1, *shape[1:]) for shape in shapes)
        comes = (self.cause is None or not self.cause.is_all) and self.stopped.shapes[0][:1] == self.input_shape[:1]
        return _is_of_widths(fix.edit) and comes and runs(changed, *several)

    def of_another_size(self) -> Iterator[Fix]:
        """The first other size of the input that mends all of it."""
        if self.stopped.operation.name == "Linear" and len(self.stopped.shapes[0]) > 2 and self.cause is None:
            return  # maps that are not laid in one row: a size that fits by chance mends nothing
        if is_beyond_sizes(self.input_shape, self.stopped, self.steps, self._look):
            return
        for shape in other_sizes(self.input_shape, self.stopped, self.steps, self._look):
            if self._takes(shape):
                is_least = oversized_window(self.stopped) is not None
                more = " or more" if is_least and all(map(self._takes, larger(shape))) else ""
                shape = shape if more else next(filter(self._takes, usual_near(shape)), shape)
                is_side = len(shape) > 3 and (len(shape), shape[1]) == (len(self.input_shape), self.input_shape[1])
                sizes = shape[2:] if is_side else shape[1:]
                yield Fix(f"an input of {times(sizes)}{more}", input_shape=shape, whole=True)
                return

    def _takes(self, shape: Shape) -> bool:
        """Whether the network runs for such an input, and gives each image its own."""
        network, shapes = self.own(), self.inputs(shape)  # lazy layers have their sizes once it has run
        return self._look(shape) is None and runs(network, *shapes) and keeps_images(network, shapes)

    def _look(self, shape: Shape) -> Stopped | None:
        """Where the network stops for such an input; as it did, where that cannot be followed."""
        if shape not in self.looks:
            try:
                shapes = self.inputs(shape)
                self.looks[shape] = None if runs(self.own(), *shapes) else record(self.own(), *shapes)[1]
            except ValueError:
                self.looks[shape] = self.stopped
        return self.looks[shape]


def _as_made(fix: Fix, network: nn.Module, changed: nn.Module) -> Fix:
    """The fix by what it has changed: one call in a text may build several layers."""
    if not isinstance(fix.edit, Set) or fix.edit.attribute in WIDTHS:
        return fix
    attribute, value, before = fix.edit.attribute, fix.edit.value, dict(network.named_modules())
    pairs = [(before[path], one) for path, one in changed.named_modules() if path in before and hasattr(one, attribute)]
    count = sum(getattr(old, attribute, None) != getattr(new, attribute) for old, new in pairs)
    return fix if count < 2 else replace(fix, text=f"{attribute}={value} in {count} layers")


def _gives_otherwise(edit: Edit, network: nn.Module, changed: nn.Module) -> bool:
    """Whether another argument of a block, or of the network, has changed what layers give, and not only what they
    take."""
    if not any(isinstance(one, Given) and one.attribute in WIDTHS for one in parts_of(edit)):
        return False
    before = dict(network.named_modules())
    return any(
        getattr(before.get(path), name, None) != getattr(module, name, None)
        for path, module in changed.named_modules()
        for name in _GIVEN
    )


def keeps_images(network: nn.Module, shapes: tuple[Shape, ...]) -> bool:
    """Whether a network that runs for those inputs runs for more images, too, and gives each a row of its own: what
    fits only for so many, or cuts an image in pieces, is no mend."""
    try:
        if len(shapes) == 1:
            return all(one.trains or one.kind in ("several", "moved") for one in mixing(network, shapes[0]))
        steps, stopped = record(network, *((shape[0] + 1, *shape[1:]) for shape in shapes))
    except ValueError:  # it cannot be followed
        return False
    count = shapes[0][0] + 1
    return stopped is None and result_shape(steps, (count,))[:1] == (count,)


def _is_of_widths(edit: Edit | None) -> bool:
    """Whether it changes nothing but what layers take, which leaves every axis where it is."""
    parts = parts_of(edit)
    return bool(parts) and all(isinstance(one, Set | Given) and one.attribute in WIDTHS for one in parts)


def _is_of_all(edit: Edit | None) -> bool:
    """Whether it changes what the network as a whole is given, which is worth it only where that mends the whole."""
    return any(isinstance(one, Side) or (isinstance(one, Given) and not one.block) for one in parts_of(edit))


def _is_call(edit: Edit | None) -> bool:
    """Whether a part of it changes a call in forward."""
    return any(isinstance(one, Wrap | OfTheText) for one in parts_of(edit))


def _only_in_text(network: nn.Module, edit: Edit) -> bool:
    """Whether no module says the change: it is of a function or method."""
    paths = {path for path, _ in network.named_modules()}
    return any(
        isinstance(one, OfTheText) or (isinstance(one, Wrap) and one.step not in paths) for one in parts_of(edit)
    )
