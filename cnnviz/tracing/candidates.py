"""Changes worth trying for a network that stopped, of each kind the smallest first."""

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice
from math import prod

from torch import nn

from cnnviz.networks.notation.layers import LAYERS
from cnnviz.networks.notation.printer import described
from cnnviz.networks.zoo.blocks import Residual
from cnnviz.ops.arithmetic import times
from cnnviz.tracing.cases import Case, call_of
from cnnviz.tracing.causes import channels_of_view
from cnnviz.tracing.dimensions import of_the_dimension
from cnnviz.tracing.edits import (
    WIDTHS,
    Argument,
    Edit,
    Fix,
    Given,
    Insert,
    Operand,
    Remove,
    Replace,
    Set,
    Several,
    Shortcut,
    Wrap,
    changeable,
    in_a_row,
    rewritten,
)
from cnnviz.tracing.explaining import (
    called,
    channels,
    laid_in_a_row,
    oversized_window,
    rank_wanted,
    sequence_wanted,
    side_of,
    sizes_of,
    wanted_width,
)
from cnnviz.tracing.meeting import made_by
from cnnviz.tracing.pools import kept_alike
from cnnviz.tracing.recorder import Stopped
from cnnviz.tracing.steps import Shape, Step, around

MAX_PADDINGS = 12  # tried
MANY_MAPS = 512  # of which a network takes the mean at its end, as those of ImageNet do
OTHER_NORM = {("BatchNorm1d", 4): "BatchNorm2d", ("BatchNorm2d", 2): "BatchNorm1d", ("BatchNorm2d", 3): "BatchNorm1d"}


def candidates(network: nn.Module, input_shape: Shape, stopped: Stopped, steps: Sequence[Step]) -> Iterator[Fix]:
    """What is worth trying: the layer itself, its shape, the layers before it, the channels of the input."""
    of = _Candidates(network, input_shape, stopped, steps)
    if not stopped.shapes or not stopped.shapes[0]:
        return
    if of.is_linear and len(of.shape) == 2:
        yield from of.case.of_its_side()
    yield from of_the_dimension(of.case)
    yield from of.flattened()
    yield from of.sequence()
    if (of.wanted or 0) >= MANY_MAPS:
        yield from of.averaged()
    if of.is_swapped:
        yield from of.swapped()
    yield from of.given()
    yield from of.width()
    yield from of.swapped()
    yield from of.unflattened()
    yield from of.norm()
    yield from of.averaged()
    yield from of.pooled()
    yield from of.poolings()
    yield from of.window()
    yield from of.shortcut()
    yield from of.branches()
    yield from kept_alike(of.case)
    yield from of.viewed()
    yield from of.delivered()
    yield from of.input_channels()
    yield from islice(of.paddings(), MAX_PADDINGS)


def widths(network: nn.Module, input_shape: Shape, stopped: Stopped, steps: Sequence[Step]) -> Iterator[Fix]:
    """Of these the widths of the layer itself."""
    of = _Candidates(network, input_shape, stopped, steps)
    yield from of.sequence()
    yield from of.width()


def views(network: nn.Module, input_shape: Shape, stopped: Stopped, steps: Sequence[Step]) -> Iterator[Fix]:
    """Of these the view that leaves the images, with the layer that was made for its numbers."""
    yield from _Candidates(network, input_shape, stopped, steps).viewed()


_PAIRS = (("in_features", "out_features"), ("in_channels", "out_channels"))  # what a layer takes, and what it gives


class _Candidates:
    """The changes of each kind for one network that stopped."""

    def __init__(self, network: nn.Module, input_shape: Shape, stopped: Stopped, steps: Sequence[Step]):
        self.network, self.input_shape, self.stopped, self.steps = network, input_shape, stopped, steps
        self.case = Case(network, input_shape, stopped, steps)
        self.layer = stopped.layer if LAYERS.get(type(stopped.layer).__name__) is type(stopped.layer) else None
        self.shape: Shape = stopped.shapes[0] if stopped.shapes else ()
        self.wanted, self.rank = wanted_width(stopped), rank_wanted(stopped)
        self.name, self.path = called(stopped.name, stopped.operation.name), stopped.name
        self.is_linear = stopped.operation.name == "Linear"

    def flattened(self) -> Iterator[Fix]:
        """A Flatten before a linear layer that meets maps; none before a layer that meets a row; one that leaves the
        channels before a Conv1d."""
        if self.is_linear and self.layer is not None and len(self.shape) > 2:
            features = prod(self.shape[1:])
            for before in self._ways_before("nn.Flatten()", "torch.flatten({}, 1)"):
                if features == self.wanted:
                    yield Fix(f"nn.Flatten() before {self.name}", "flatten", before)
                else:
                    wider = Several((Set(self.path, "in_features", features), before))
                    text = f"nn.Flatten() and then {rewritten(self.layer, 'in_features', features)}"
                    yield Fix(text, "flatten", wider)
        flat = next((step for step in reversed(self.steps) if step.operation == "Flatten"), None)
        if flat is not None and flat.module and self.rank > 2 and len(self.shape) <= 2:
            yield Fix(f"no {flat.operation} before {self.name}", "flatten", Remove(flat.module))
        if self.rank == 3 and len(self.shape) == 4:
            edit = self._before("nn.Flatten(2)", "torch.flatten({}, 2)")
            yield Fix(f"nn.Flatten(2) before {self.name}", "flatten", edit)
            if self.shape == self.input_shape and 1 in self.shape[2:]:
                row = (*self.shape[:2], prod(self.shape[2:]))
                yield Fix(f"an input of {times(row[1:])}", "input", input_shape=row)

    def sequence(self) -> Iterator[Fix]:
        """Maps or a row of channels as the sequence that a recurrent layer takes: the positions, the columns or the
        rows one after the other, each with its features."""
        wanted, shape = sequence_wanted(self.stopped), self.shape
        ways: dict[str, bool] = {}  # to (N, L, F)
        if len(shape) == 3:
            ways = {"transpose(1, 2)": shape[1] == wanted}
        elif len(shape) == 4:
            _, c, h, w = shape
            ways = {
                "squeeze(1)": (c, w) == (1, wanted),
                "flatten(2).transpose(1, 2)": c == wanted,
                "flatten(1, 2).transpose(1, 2)": c * h == wanted,
                "transpose(1, 2).flatten(2)": c * w == wanted,
            }
        first = getattr(self.stopped.layer, "batch_first", False)
        for way in (way for way, fits in ways.items() if fits):
            method = way if first else f"{way}.transpose(0, 1)"
            edit = Wrap(call_of(self.stopped, self.steps), f"{{}}.{method}")
            yield Fix(f"x.{method} before {self.name}", "call", edit)
        if wanted is not None and len(shape) == 3 and shape[-1] != wanted and not any(ways.values()):
            attribute = "input_size" if isinstance(self.stopped.layer, nn.RNNBase) else "embed_dim"
            text = f"{attribute}={shape[-1]} in {self.name}"
            yield Fix(text, "layer", Set(self.path, attribute, shape[-1]))

    @property
    def is_swapped(self) -> bool:
        """Whether its two widths are rather swapped than one of them wrong: a later layer takes as many as it does, or
        it is a linear one that widens its row, which few do."""
        ran, wanted = {step.module for step in self.steps}, self.wanted
        later = [one for path, one in self.network.named_modules() if path not in ran and path != self.path]
        followed = any(wanted in (getattr(one, taken, None) for taken, _ in _PAIRS) for one in later)
        narrow = isinstance(self.layer, nn.Linear) and self.layer.in_features < self.layer.out_features
        return wanted is not None and (followed or narrow)

    def swapped(self) -> Iterator[Fix]:
        """The two widths of a layer the other way round, where as much arrives as it would give."""
        met = self.shape[-1] if len(self.shape) < 3 else self.shape[1]
        taken, given = next((pair for pair in _PAIRS if hasattr(self.layer, pair[1])), ("", ""))
        if self.layer is None or not given or self.wanted in (None, met) or getattr(self.layer, given) != met:
            return
        if self.rank and len(self.shape) != self.rank:
            return
        edit = Several((Set(self.path, taken, met), Set(self.path, given, self.wanted)))
        try:
            yield Fix(rewritten(self.layer, taken, met, **{given: self.wanted}), "layer", edit)
        except ValueError:  # groups that do not divide
            return

    def given(self) -> Iterator[Fix]:
        """The width that is given to a block around the layer, or to the network."""
        for fix in self.width():
            if isinstance(fix.edit, Set):
                unit = "channel" if "channels" in fix.edit.attribute or len(self.shape) > 2 else "feature"
                count = f"{fix.edit.value:,} {unit}{'' if fix.edit.value == 1 else 's'}"
                for block in (*list(around(self.path))[-2::-1], ""):
                    text = f"{block or 'the network'} made for {count}"
                    yield Fix(text, "layer", Given(self.path, fix.edit.attribute, fix.edit.value, block))

    def width(self) -> Iterator[Fix]:
        """As many channels or features as arrive."""
        met = self.shape[-1] if len(self.shape) < 3 else self.shape[1]
        if isinstance(self.stopped.layer, nn.RNNCellBase) and self.wanted != met:
            yield Fix(f"input_size={met} in {self.name}", "layer", Set(self.path, "input_size", met))
        if self.layer is None or self.wanted in (None, met):
            return
        if self.is_linear and len(self.shape) > 2 and prod(self.shape[1:]) == self.wanted:
            return  # a Flatten is missing, and nothing else
        if self.is_linear and len(self.shape) > 2:
            met = self.shape[-1] if self.wanted not in self.shape[:2] and len(self.shape) == 3 else self.wanted
        if (self.rank and len(self.shape) != self.rank) or met == self.wanted:
            return
        attribute = next(name for name in WIDTHS if hasattr(self.layer, name))
        try:
            text = rewritten(self.layer, attribute, met)
        except Exception:  # groups that do not divide
            return
        yield Fix(text, "layer", Set(self.path, attribute, met))

    def unflattened(self) -> Iterator[Fix]:
        """The row that arrives, laid in maps again; as many numbers as an Unflatten wants."""
        axes = self.rank - 2
        if axes > 0 and len(self.shape) == 2 and self.wanted:
            side = side_of(self.shape[1], (self.shape[0], self.wanted, *(1,) * axes))
            if side is not None:
                maps = (self.wanted, *side)
                edit = self._before(f"nn.Unflatten(1, {maps})", f"{{}}.view(-1, {', '.join(map(str, maps))})")
                yield Fix(f"nn.Unflatten(1, {maps}) before {self.name}", "flatten", edit)
        if isinstance(self.layer, nn.Unflatten) and len(self.shape) == 2 and -1 not in sizes_of(self.stopped):
            yield from self._features(prod(sizes_of(self.stopped)))
            yield from self._unflattened_to(self.layer, sizes_of(self.stopped))

    def _unflattened_to(self, layer: nn.Unflatten, sizes: Shape) -> Iterator[Fix]:
        """Other channels of an Unflatten, as many as there are numbers for, and other sides."""
        side = side_of(self.shape[1], (1, *sizes)) if len(sizes) > 1 else None
        count, rest = divmod(self.shape[1], prod(sizes[1:]) or self.shape[1] + 1)
        found = [(count, *sizes[1:])] if count and not rest and len(sizes) > 1 else []
        for value in (*found, *([(sizes[0], *side)] if side is not None else [])):
            yield Fix(rewritten(layer, "unflattened_size", value), "layer", Set(self.path, "unflattened_size", value))

    def norm(self) -> Iterator[Fix]:
        """A norm for what arrives."""
        if isinstance(self.layer, nn.LayerNorm):
            sizes: Shape = self.shape[-len(self.layer.normalized_shape) :]
            if tuple(self.layer.normalized_shape) == self.shape[1:2] and len(self.shape) > 3:
                sizes = self.shape[1:]
            text = rewritten(self.layer, "normalized_shape", sizes)
            yield Fix(text, "layer", Set(self.path, "normalized_shape", sizes))
            if sizes == self.shape[1:]:
                text = f"GroupNorm(1, {self.shape[1]})"
                yield Fix(f"{text} in place of {self.name}", "norm", Replace(self.path, f"nn.{text}"))
        kind = OTHER_NORM.get((self.stopped.operation.name, len(self.shape)))
        if kind is not None and self.layer is not None:
            text = f"{kind}({self.shape[1]})"
            yield Fix(f"{text} in place of {self.name}", "norm", Replace(self.path, f"nn.{text}"))

    def averaged(self) -> Iterator[Fix]:
        """The mean of each map before they are laid in a row, where as many features are wanted as there are maps."""
        laid = laid_in_a_row(self.stopped, self.steps)
        axes = len(laid.input_shape) - 2 if laid is not None else 0
        if laid is None or axes not in (1, 2, 3) or laid.input_shape[1] != self.wanted:
            return
        layer = f"nn.AdaptiveAvgPool{axes}d(1)"
        edit: Edit = Wrap(laid.name, f"F.adaptive_avg_pool{axes}d({{}}, 1)")
        if laid.module and in_a_row(self.network, laid.module):
            edit = Insert(laid.module, layer)
        yield Fix(f"{layer} before {_named(laid)}", "output size", edit)

    def pooled(self) -> Iterator[Fix]:
        """An adaptive pooling to the size that the linear layer was made for."""
        laid = laid_in_a_row(self.stopped, self.steps)
        side = side_of(self.wanted, laid.input_shape) if laid is not None and self.wanted else None
        step = next((one for one in self.steps if laid and one.name == laid.sources[0]), None)
        if side is None or step is None or not step.operation.startswith("Adaptive") or not step.module:
            return
        if changeable(self.network, step.module) is not None:
            value = side[0]
            yield Fix(f"output_size={value} in {_named(step)}", "output size", Set(step.module, "output_size", value))

    def poolings(self) -> Iterator[Fix]:
        """One pooling less, the last first; one more before the Flatten."""
        too_small = oversized_window(self.stopped) is not None
        laid = laid_in_a_row(self.stopped, self.steps)
        if not too_small and (laid is None or self.wanted is None):
            return
        pools = [
            step for step in self.steps if step.module and "Pool" in step.operation and "Adaptive" not in step.operation
        ]
        uses = Counter([*(step.module for step in pools), self.path])  # one that is used again would go everywhere
        if too_small and pools and "Pool" in self.stopped.operation.name and self.layer and uses[self.path] == 1:
            yield Fix(f"no {self.name}", "pooling", Remove(self.path))
        if too_small or self.shape[-1] < (self.wanted or 0):
            for step in [one for one in pools if uses[one.module] == 1][:-4:-1]:
                yield Fix(f"no {_named(step)}", "pooling", Remove(step.module))
        elif laid is not None and laid.module and in_a_row(self.network, laid.module):
            axes = len(laid.input_shape) - 2
            layer = next((changeable(self.network, step.module) for step in reversed(pools)), None)
            text = f"nn.{described(layer)}" if layer is not None else f"nn.MaxPool{axes}d(2)"
            if axes in (1, 2):
                yield Fix(f"{text} before {_named(laid)}", "pooling", Insert(laid.module, text))

    def window(self) -> Iterator[Fix]:
        """A smaller kernel, or more padding, of the layer whose window does not fit."""
        found = oversized_window(self.stopped)
        if found is None or self.layer is None or 0 in self.shape:
            return
        padded, extents, padding = found
        fitting = tuple(min(n, r) for n, r in zip(padded, extents, strict=True))
        if set(fitting) != {1}:
            yield self._window("kernel", "kernel_size", fitting)
        enough = tuple(max(p, p - (-(r - n) // 2)) for n, r, p in zip(padded, extents, padding, strict=True))
        yield self._window("padding", "padding", enough)

    def _window(self, kind: str, attribute: str, sizes: Shape) -> Fix:
        value = sizes[0] if len(set(sizes)) == 1 else sizes
        return Fix(f"{attribute}={value} in {self.name}", kind, Set(self.path, attribute, value))

    def shortcut(self) -> Iterator[Fix]:
        """A 1x1 convolution around a residual block."""
        scope = self.stopped.scope
        block = dict(self.network.named_modules()).get(scope)
        if self.stopped.operation.name != "Add" or not isinstance(block, Residual) or len(self.stopped.shapes) != 2:
            return
        body, around = self.stopped.shapes
        if len(body) != 4 or len(around) != 4:
            return
        for stride in range(1, 5):
            if all(-(-n // stride) == m for n, m in zip(around[2:], body[2:], strict=True)):
                more = f", stride={stride}" if stride > 1 else ""
                layer = f"nn.Conv2d({around[1]}, {body[1]}, 1{more})"
                yield Fix(f"shortcut={layer} in {scope}", "shortcut", Shortcut(scope, layer))
                return

    def branches(self) -> Iterator[Fix]:
        """Branches that meet: the stride of the convolution that made one of them, or as many channels as the other
        has."""
        shapes = self.stopped.shapes
        if self.stopped.operation.name not in ("Add", "Concatenate", "Multiply", "Subtract") or len(shapes) != 2:
            return
        yield from self._resized()
        for index in (1, 0):
            own, other = shapes[index], shapes[1 - index]
            step = (
                made_by(self.case, self.stopped.sources[index], "Conv") if index < len(self.stopped.sources) else None
            )
            if step is None or len(own) != len(other) or len(own) < 3:
                continue
            yield from self._strided(step, own, other)
            if self.stopped.operation.name != "Concatenate" and own[1] != other[1]:
                yield Fix(
                    f"out_channels={other[1]} in {_named(step)}", "source", Set(step.module, "out_channels", other[1])
                )

    def _resized(self) -> Iterator[Fix]:
        """The later of two maps made as large as the earlier one, which is a little larger or smaller."""
        (one, other), sources = self.stopped.shapes, self.stopped.sources
        if len(one) != len(other) or len(one) not in (3, 4, 5) or one[2:] == other[2:] or len(sources) != 2:
            return
        if not all(m < 2 * n and n < 2 * m for n, m in zip(one[2:], other[2:], strict=True)):
            return  # what is half as large has been pooled, or strode
        before = {*self.stopped.inputs, *(step.name for step in self.case.ancestors(sources[:1]))}
        later = 0 if sources[1] in before else 1
        size = times(self.stopped.shapes[1 - later][2:])
        text = f"F.interpolate to {size} of {self.case.source(later)}"
        yield Fix(text, "resize", Operand(later, "F.interpolate({0}, size={1}.shape[2:])"))

    def _strided(self, step: Step, own: Shape, other: Shape) -> Iterator[Fix]:
        """A stride with which a convolution may make maps as large as the other's: of a larger one, by what it is
        larger; two of a transposed one that has none."""
        factors = {-(-mine // theirs) for mine, theirs in zip(own[2:], other[2:], strict=True) if theirs}
        stride = 2 if step.operation.startswith("ConvTranspose") else min(factors, default=1)
        if len(factors) == 1 and stride > 1 and set(step.stride or ()) == {1} and own[2:] != other[2:]:
            yield Fix(f"stride={stride} in {_named(step)}", "stride", Set(step.module, "stride", stride))

    def viewed(self) -> Iterator[Fix]:
        """A view that leaves the images, with the linear layer that was made for its numbers."""
        sizes = sizes_of(self.stopped)
        if self.layer is not None or not sizes or len(self.shape) < 2:
            return
        features, step = prod(self.shape[1:]), call_of(self.stopped, self.steps)
        if len(sizes) > 2 and sizes[0] in (-1, self.shape[0]) and len(self.shape) == 2 and -1 not in sizes[1:]:
            yield from self._features(prod(sizes[1:]))
            yield from channels_of_view(step, self.name, self.shape, sizes)
            side = side_of(features, (1, *sizes[1:]))
            if side is not None:
                right = (sizes[1], *side)
                text = f"x.size(0), {', '.join(map(str, right))} in {self.name}"
                yield Fix(text, "call", Argument(step, "sizes", ("{}.size(0)", *right)))
        kept = Argument(step, "sizes", ("{}.size(0)", -1))
        for path, layer in self.network.named_modules():
            if isinstance(layer, nn.Linear) and layer.in_features == sizes[-1] and changeable(self.network, path):
                text = f"x.size(0), -1 in {self.name} and then {rewritten(layer, 'in_features', features)}"
                yield Fix(text, "layer", Several((kept, Set(path, "in_features", features))))
                return

    def delivered(self) -> Iterator[Fix]:
        """As many channels or features from the layer before it as it wants."""
        if self.wanted is None or len(self.shape) < 2 or self.wanted == self.shape[1]:
            return
        if len(self.shape) == 2:
            yield from self._features(self.wanted)
        else:
            yield from self._channels(self.wanted)

    def _features(self, count: int) -> Iterator[Fix]:
        """So many from the linear layer before, where what it delivers arrives as it is."""
        step = next((one for one in reversed(self.steps) if _has_width(self.network, one)), None)
        if step is None or step.module == self.path:
            return
        if step.operation == "Linear" and step.output_shape == self.shape:
            yield Fix(f"out_features={count} in {_named(step)}", "source", Set(step.module, "out_features", count))

    def _channels(self, count: int) -> Iterator[Fix]:
        step = next((one for one in reversed(self.steps) if _has_width(self.network, one)), None)
        if step is not None and step.operation.startswith("Conv") and step.module != self.path:
            yield Fix(f"out_channels={count} in {_named(step)}", "source", Set(step.module, "out_channels", count))

    def input_channels(self) -> Iterator[Fix]:
        """An input of as many channels as the first layer wants."""
        wanted, shape = self.wanted, self.input_shape
        if not self.stopped.is_of_input or wanted is None or self.shape != shape or len(shape) < 3:
            return
        if not self.is_linear:
            yield Fix(f"an input of {channels(wanted)}", input_shape=(shape[0], wanted, *shape[2:]))

    def paddings(self) -> Iterator[Fix]:
        """Another padding in a layer before it, the first layer first."""
        if self.wanted is not None and (not self.is_linear or len(self.shape) > 2):
            return  # channels do not change by padding
        for step in self.steps:
            layer = changeable(self.network, step.module) if step.kernel and step.module else None
            if layer is None or not step.operation.startswith(("Conv", "MaxPool", "AvgPool")):
                continue
            for value in (0, 1, 2, 3):
                same = (value,) * len(step.kernel or ()) == step.padding
                if not same and value <= max(step.kernel or (0,)) // 2:
                    yield Fix(f"padding={value} in {_named(step)}", "padding", Set(step.module, "padding", value))

    def _ways_before(self, layer_text: str, expression: str) -> Iterator[Edit]:
        """A layer before the one that stopped; in a list through which forward goes, whose layers are all given what
        the call in it says, as one more of them, too."""
        yield self._before(layer_text, expression)
        parent = dict(self.network.named_modules()).get(self.path.rpartition(".")[0])
        if isinstance(parent, nn.ModuleList):
            yield Insert(self.path, layer_text)

    def _before(self, layer_text: str, expression: str) -> Edit:
        """A layer before the one that stopped, in a Sequential; elsewhere the call in forward."""
        if self.stopped.layer is not None and in_a_row(self.network, self.path):
            return Insert(self.path, layer_text)
        return Wrap(call_of(self.stopped, self.steps), expression)


def _has_width(network: nn.Module, step: Step) -> bool:
    """Whether the step is a layer that can be built anew with another number of channels or features."""
    layer = changeable(network, step.module) if step.module else None
    return hasattr(layer, "out_channels") or hasattr(layer, "out_features")


def _named(step: Step) -> str:
    """A step in a sentence."""
    return called(step.name, step.operation)
