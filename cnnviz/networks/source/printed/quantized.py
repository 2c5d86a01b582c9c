"""Prints of quantized networks, whose layers have the sizes of those of float numbers, and of scripted ones, whose
layers have none."""

import re
from collections.abc import Iterator
from dataclasses import replace

from cnnviz.networks.source.printed.layers import Layer, all_of

SCRIPTED = (
    "This is a scripted network, made by torch.jit, whose layers are printed without their sizes. Paste its class, or "
    "what print shows of it before it is scripted."
)
_QUANTIZED = re.compile(r"(?:Dynamic)?Quantized(?P<kind>[A-Z]\w{0,60})")
_FUSED = re.compile(r"(?P<first>(?:Conv|Linear|BatchNorm|BN|Bn)\w{0,20}?)(?P<relu>ReLU)(?P<axes>[123]d)?")
_INTRINSIC = re.compile(r"(?:Conv(?:Bn|BN)?(?:ReLU)?|Bn|BN)[123]d|(?:Conv(?:Bn)?|Linear|BN)ReLU(?:[123]d)?|LinearBn1d")
_STUBS = ("Quantize", "DeQuantize", "QuantStub", "DeQuantStub")
_WATCHING = re.compile(r"activation_post_process|weight_fake_quant|_packed_params")
_SCALES = re.compile(r"(?:, )?\b(?:scale|zero_point|dtype|qscheme)=(?:tensor\([^()]{0,2000}\)|[^,()\s]{1,60})")


def is_scripted(tree: Layer) -> bool:
    """Whether a network was made by torch.jit."""
    return any(one.arguments.startswith("original_name=") for one in all_of(tree))


def floating(tree: Layer) -> Layer:
    """The network with the layers of float numbers that its quantized ones were made of, without what watches their
    outcomes; one that is quantized together with its ReLU becomes two in a row."""
    children = tuple(floating(one) for one in tree.children if not _WATCHING.fullmatch(one.name))
    found = _QUANTIZED.fullmatch(tree.kind)
    if tree.kind in _STUBS:
        return Layer(tree.name, "Identity", "", (), tree.times)
    if found is not None:
        arguments = _SCALES.sub("", tree.arguments).removeprefix(", ")
        if fused := _FUSED.fullmatch(found["kind"]):
            plain = Layer("0", f"{fused['first']}{fused['axes'] or ''}", arguments)
            return Layer(tree.name, "Sequential", "", (plain, Layer("1", "ReLU")), tree.times)
        return Layer(tree.name, found["kind"], arguments, children, tree.times)
    numbered = bool(children) and children[0].name == "0" and not tree.arguments
    kind = "Sequential" if numbered and _INTRINSIC.fullmatch(tree.kind) else tree.kind
    return replace(tree, kind=kind, children=children)


def said_of(tree: Layer) -> Iterator[str]:
    """A sentence on the quantized layers of a print."""
    kinds = [*dict.fromkeys(one.kind for one in all_of(tree) if _QUANTIZED.fullmatch(one.kind))]
    if kinds:
        more = f" and {len(kinds) - 3} more" if len(kinds) > 3 else ""
        yield (
            f"{', '.join(kinds[:3])}{more} {'is' if len(kinds) == 1 else 'are'} quantized: here stand the layers of "
            "float numbers with the same sizes, a Linear with its bias, which is not printed."
        )
