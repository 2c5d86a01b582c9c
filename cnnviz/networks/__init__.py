"""A network to train: one of the zoo by its name, or a text of one's own.

torch is loaded once a network is asked for: `names` and whoever lists them do without.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnnviz.networks.names import OWN_TEXT

if TYPE_CHECKING:
    from torch import nn

__all__ = ["OWN_TEXT", "build", "check", "input_shape", "is_code", "titles", "weightless"]


def titles() -> dict[str, str]:
    """Each network as it stands in a sentence or a menu, by name; a text of one's own comes last."""
    from cnnviz.networks import zoo

    return {**zoo.titles(), OWN_TEXT: "Your own text"}


def check(name: str, text: str) -> None:
    """Raises ValueError where the zoo has no such name, or where the text is missing, idle or wrong."""
    from cnnviz.networks import own, zoo

    if name != OWN_TEXT:
        zoo.entry(name)
        if text:
            raise ValueError(f"a text is given but the network is {name!r}; a text is for {OWN_TEXT!r}")
    elif not text.strip():
        raise ValueError(f"the network is {OWN_TEXT!r} but its text is empty; give the text of a network")
    else:
        own.read(text).weightless()


def build(name: str, text: str = "", picture: tuple[int, int, int] | None = None) -> nn.Module:
    """The network with fresh weights from torch's generator; lazy layers of a text take their sizes from a `picture`
    (C, H, W). Raises ValueError as `check` does."""
    from cnnviz.networks import own, zoo

    check(name, text)
    return own.read(text).build((picture,) if picture else ()) if name == OWN_TEXT else zoo.build(name)


def weightless(name: str, text: str = "", picture: tuple[int, int, int] | None = None) -> nn.Module:
    """The same on the meta device: shapes without numbers."""
    from cnnviz.networks import own, zoo

    check(name, text)
    return own.read(text).weightless((picture,) if picture else ()) if name == OWN_TEXT else zoo.weightless(name)


def is_code(text: str) -> bool:
    """Whether a text is a class, or a script, rather than a row of layers. Raises ValueError as `check` does."""
    from cnnviz.networks import own
    from cnnviz.networks.source import Source

    return isinstance(own.read(text).network, Source)


def input_shape(name: str, picture: tuple[int, int, int]) -> tuple[int, int, int]:
    """The (C, H, W) that a network takes: a zoo's network says so itself, a text of one's own takes the picture."""
    from cnnviz.networks import zoo

    return picture if name == OWN_TEXT else zoo.entry(name).input_shape
