"""Whether what a table of Keras prints of a layer is what the layer gives: where it is not, rows are missing."""

from cnnviz.networks.notation import parse
from cnnviz.networks.source.keras.kinds import PREPARING, Call, Shape
from cnnviz.networks.source.keras.state import State, shape_shown


def compare(state: State, call: Call, before: Shape | None, begun: int) -> None:
    """Raises NoCounterpartError where the shape that comes out of a layer, or the number of its weights, is another one
    than its row has. `before` is the shape that came in, `begun` how many layers of PyTorch there were then."""
    printed = call.printed
    if printed is None or before is None or state.shape is None:
        return
    where = f"between {printed.above} and {printed.name}" if printed.above else f"above {printed.name}"
    if not _alike(state.shape, printed.shape):
        raise state.wrong(
            f"Rows are missing {where}: of {shape_shown(before)} it would make {shape_shown(state.shape)}, and the "
            f"table prints {shape_shown(printed.shape)}. Paste the whole table, or the code."
        )
    weights = _weights(state.layers[begun:])
    if call.kind not in PREPARING and weights != printed.weights:
        raise state.wrong(
            f"Rows are missing {where}: for {shape_shown(before)} it would have {weights:,} weights, and the table "
            f"prints {printed.weights:,}. Paste the whole table, or the code."
        )


def _alike(shape: Shape, other: Shape) -> bool:
    """Whether two shapes are the same, as far as their sizes are known."""
    pairs = zip(shape, other, strict=False)
    return len(shape) == len(other) and all(one is None or its is None or one == its for one, its in pairs)


def _weights(layers: list[str]) -> int:
    """How many there are in the layers of PyTorch that a row comes to."""
    if not any("(" in one and not one.endswith("()") for one in layers):
        return 0
    network = parse(f"nn.Sequential({', '.join(layers)})", traced=True).weightless()
    return sum(one.numel() for one in network.parameters())
