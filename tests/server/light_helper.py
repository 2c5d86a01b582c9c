"""A helper that loads no torch: it speaks as `helpers.serve` does, and its jobs show what a process may do."""

import sys
import time
from dataclasses import dataclass

from cnnviz.server import children, wire

PROGRAM = f"#!{sys.executable}\nfrom tests.server import light_helper\nlight_helper.serve()\n"


@dataclass
class Strange:
    """What the app does not know."""


def serve() -> None:
    """Carries out the jobs that come in on standard input, until it ends."""
    source, target = children.own_pipes()
    wire.write(target, ("ready", None))
    while True:
        try:
            (function, arguments), _ = wire.read(source, {})
        except EOFError:
            return
        wire.write(target, ("answer", _answer(function, arguments)))


def _answer(function: str, arguments: tuple[int, ...]) -> object:
    match function:
        case "work":  # for ever
            while True:
                pass
        case "hold":  # so many megabytes, for ever
            held = b"x" * (arguments[0] * 2**20)
            while held:
                time.sleep(1)
        case "strange":
            return Strange()
    return arguments
