"""Why no network is offered in place of a print, and what to do then."""

from collections.abc import Iterator

from cnnviz.networks.notation.layers import UNSUITED
from cnnviz.networks.source import ready_made
from cnnviz.networks.source.printed import order
from cnnviz.networks.source.printed.layers import PASSING, Layer, in_torch, is_aside, made
from cnnviz.networks.source.printed.reading import Printed

_MAX_NAMED = 3
_WITHOUT_TEXT = ("Sequential", "FrozenBatchNorm2d")  # which a guess makes all the same


def opening(shown: Printed) -> str:
    """What is said first of a print; '' where it has no sizes, of which its notes speak."""
    return "" if shown.is_scripted else f"{shown.kind} prints layers with {shown.parameters:,} parameters."


def unguessed(shown: Printed) -> str:
    """Why no order of printed layers was found, and what to paste; '' where its notes say it."""
    if shown.is_scripted:
        return ""
    refused = [*dict.fromkeys(_refused(shown.tree))]
    named = f"{', '.join(refused[:_MAX_NAMED])}{' and others' if len(refused) > _MAX_NAMED else ''}"
    known = ready_made.CLASSES.get(shown.kind, "")
    call = f"; where it is torchvision's, write the call that makes it, such as torchvision.models.{known}()"
    paste = f"Paste the class itself, with its forward{call if known else ''}."
    if beside := order.branching(shown.tree):
        why = f"{beside} has layers that stand beside the others, and not behind them"
    elif refused and shown.kind == "Sequential":
        its = "its" if len(refused) == 1 else "their"
        why, paste = f"Of {named} no layer of an nn.Sequential can be made", f"Write layers of torch.nn in {its} place."
    elif refused:
        why = f"What {named} {'does' if len(refused) == 1 else 'do'} here does not follow from the print"
    elif shown.kind == "Sequential":
        why, paste = "The layers do not run one behind the other as they are printed", "Paste the code that makes them."
    else:
        why = "No order was found in which these layers run"
    return f"{why}, so that no network is offered here. {paste}"


def _refused(layer: Layer) -> Iterator[str]:
    """The kinds of layers by themselves that no text of an nn.Sequential may name."""
    if is_aside(layer) or layer.kind in PASSING:
        return
    if layer.children and layer.kind not in UNSUITED and not layer.has_weights:
        for one in layer.children:
            yield from _refused(one)
    elif layer.kind in UNSUITED or layer.kind not in _WITHOUT_TEXT:
        try:
            made(in_torch(layer.alone))
        except ValueError:
            yield layer.kind
