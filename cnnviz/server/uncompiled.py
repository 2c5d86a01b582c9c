"""Processes of the app's own compile no network, and do without torch's compiler until somebody asks for it.

torch 2.14 loads torch._dynamo to tell it what it is not to compile: at the first layer that is traced, and at the first
step of an optimiser. torchvision loads it with its networks. It takes nearly as long as torch itself and 110 MB, in the
server and in each of its helpers and workers.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from threading import RLock
from types import ModuleType
from typing import Any

COMPILER, UTILITIES = "torch._dynamo", "torch._dynamo.utils"
_lock = RLock()


class _Later(ModuleType):
    """Stands in a module's place until it is asked for what it does not answer itself."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)  # of whoever looks through all modules
        return getattr(_loaded(self.__name__), name)


class _Places(list[str]):
    """Where the compiler's modules lie, told to whoever goes through them, as he does who imports one. Streamlit looks
    through all modules on the server's event loop, once a session's connection was cut and is there again, and asks
    only whether there is a path."""

    def __iter__(self) -> Iterator[str]:
        return iter(_loaded(COMPILER).__path__)


def leave_out() -> None:
    """From here on this process loads the compiler only where something is compiled; nothing where it is there."""
    if COMPILER in sys.modules:
        return
    compiler, utilities = _Later(COMPILER), _Later(UTILITIES)
    vars(compiler).update(disable=_disable, graph_break=_graph_break, __path__=_Places())
    vars(utilities).update(is_compile_supported=_is_compile_supported)
    sys.modules.update({COMPILER: compiler, UTILITIES: utilities})


def _loaded(name: str) -> ModuleType:
    """The module itself, with all that stood in the place of any."""
    with _lock:
        for one in (COMPILER, UTILITIES):
            if isinstance(sys.modules.get(one), _Later):
                del sys.modules[one]
        import torch._dynamo.utils  # noqa: F401 - and with it torch._dynamo

        return sys.modules[name]


def _disable(function: Any = None, *how: Any, **more: Any) -> Any:
    """A function that is not to be compiled is itself where nothing is."""
    return function if callable(function) else _loaded(COMPILER).disable(function, *how, **more)


def _graph_break(*_reason: Any, **_more: Any) -> None:
    """What is compiled ends here: nothing is."""


def _is_compile_supported(device: Any) -> Any:
    return _loaded(UTILITIES).is_compile_supported(device)
