"""Where a component meets Streamlit: the one place that registers and mounts them (custom components v2).

What a component is made of are files that the browser fetches, so that an update carries its data alone. They are
written into a folder of this process, under names with a hash of what they hold: what has changed is fetched anew, and
what has not is one module for all components of all pages.

    files/modules.<hash>.js              all modules of cnnviz/ui as one, under the registered name cnnviz.files
    entries/<name>.<hash>.js and .css    what Streamlit begins with, under the registered name cnnviz.<name>
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Lock
from typing import TYPE_CHECKING, Any, Literal
from weakref import WeakKeyDictionary

from cnnviz.ui.core import assets
from cnnviz.ui.core.assets import Assets

if TYPE_CHECKING:
    from streamlit.components.v2.component_manager import BidiComponentManager
    from streamlit.components.v2.types import ComponentRenderer

PACKAGE, FILES, ENTRIES = "cnnviz", "files", "entries"
STATE = "core/state.js"  # keeps what a component is at, and draws its markup once the stylesheet is there
HTML = '<div data-state="loading" style="display: contents"></div>'
SHORT = 4_000  # letters of what most components send: a name, a number, a place

_lock = Lock()
_renderers: WeakKeyDictionary[BidiComponentManager, dict[Assets, ComponentRenderer]] = WeakKeyDictionary()
_drawn: dict[str, dict[Assets, None]] = {}  # by page: the components that it has drawn, in their order


@dataclass(frozen=True)
class _Inlet:
    """A callback for one of the values that a component sends, and the most letters of all texts in it: `core.inbox`
    drops what has more."""

    call: Callable[[], None]
    max_letters: int = SHORT

    def __call__(self) -> None:
        self.call()


def mount(
    component: Assets,
    *,
    key: str,
    data: Mapping[str, Any] | bytes,
    default: dict[str, Any] | None = None,
    width: Literal["stretch", "content"] = "stretch",
    max_letters: Mapping[str, int] | None = None,
    **callbacks: Callable[[], None],
) -> None:
    """Draw a component with `data`: JSON, or bytes as `packed` makes them.

    What it sends stands in the session under `key`; `on_<name>_change` is called before the page runs again, and every
    name in `default` needs one. `max_letters` are those of the values that may be longer than SHORT. In the browser its
    markup stands in an element with `data-state`: loading, ready, busy or failed. Its scripts come and run some time
    after the page has; who looks at pages (tests, benches, pictures) waits for that.
    """
    longer = {f"on_{name}_change": most for name, most in (max_letters or {}).items()}
    named: dict[str, Any] = {name: _Inlet(call, longer.get(name, SHORT)) for name, call in callbacks.items()}
    _drawn.setdefault(key.partition("_")[0], {})[component] = None  # keys begin with the page's name
    _renderer(component)(key=key, data=data, default=default, width=width, **named)


def sent(key: str, name: str) -> Any:
    """What the component of that key has sent as `name`, as a stranger may have written it, but bounded
    (`core.inbox`); None before it has."""
    import streamlit as st

    state = st.session_state.get(key)
    return state.get(name) if isinstance(state, Mapping) else None


def _renderer(component: Assets) -> ComponentRenderer:
    """What draws it, once it is registered with the server's manager of components."""
    from streamlit.components.v2.get_bidi_component_manager import get_bidi_component_manager

    manager = get_bidi_component_manager()
    with _lock:  # two sessions may be the first
        known = _renderers.setdefault(manager, {})
        if component not in known:
            known[component] = _register(manager, component)
        elif not all(path.is_file() for path in _files(component)):
            _write(component)  # a system may sweep its temporary folders while nobody is there
        return known[component]


def _register(manager: BidiComponentManager, component: Assets) -> ComponentRenderer:
    from streamlit.components.v2 import component as declared
    from streamlit.components.v2.manifest_scanner import ComponentConfig, ComponentManifest

    _write(component)
    served = [ComponentConfig(FILES, FILES), ComponentConfig(component.name, ENTRIES)]
    manager.register_from_manifest(ComponentManifest(PACKAGE, assets.digest(), served), _folder())
    names = {path.suffix: path.name for path in _files(component) if path.parent.name == ENTRIES}
    return declared(f"{PACKAGE}.{component.name}", html=HTML, js=names[".js"], css=names.get(".css"))


def entry(component: Assets) -> str:
    """The module whose default export Streamlit calls."""
    shared, own = (f"../{PACKAGE}.{_place(text)}" for text in _bundles(component))
    mount = f"use({json.dumps(component.main)}).mount"
    return (
        f'import {{ use as shared }} from "{shared}";\nimport {{ use }} from "{own}";\n'
        f"export default shared({json.dumps(STATE)}).withState({mount}, {json.dumps(component.html)});\n"
    )


def addresses(page: str) -> list[str]:
    """Where a browser will find what the components of a page are made of, below the address of components; as far as
    this server has drawn the page, and no longer than the files are there."""
    components = [one for one in list(_drawn.get(page, ())) if all(path.is_file() for path in _files(one))]
    return list(dict.fromkeys(_address(one, path) for one in components for path in _files(one)))


def _address(component: Assets, path: Path) -> str:
    folder = path.parent.name
    return f"{PACKAGE}.{FILES if folder == FILES else component.name}/{path.name}"


def _bundles(component: Assets) -> tuple[str, str]:
    """The modules that all components share, and those in which its own are: the same ones, but for a component from
    elsewhere."""
    ours = assets.all_modules()
    own = ours if ours.items() >= set(component.modules) else dict(component.modules)
    return _bundle(tuple(ours.items())), _bundle(tuple(own.items()))


@cache
def _bundle(modules: tuple[tuple[str, str], ...]) -> str:
    return assets.bundle(dict(modules))


def _place(bundle: str) -> str:
    """Where modules lie in the folder."""
    return f"{FILES}/modules.{assets.hashed(bundle)}.js"


@cache
def _files(component: Assets) -> dict[Path, str]:
    """What the browser asks for, by where it lies: the module that Streamlit begins with, the stylesheet if there is
    one, and the modules that the first imports."""
    texts = {".js": entry(component), ".css": component.css}
    entries = {f"{ENTRIES}/{component.name}.{assets.hashed(text)}{kind}": text for kind, text in texts.items() if text}
    bundles = {_place(text): text for text in _bundles(component)}
    return {_folder() / place: text for place, text in {**entries, **bundles}.items()}


def _write(component: Assets) -> None:
    """Write what there is not yet."""
    for path, text in _files(component).items():
        if not path.is_file():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")


def _folder() -> Path:
    return Path(_temporary().name)


def remove_files() -> None:
    """At the end of a server: what was written for the browser goes."""
    if _temporary.cache_info().currsize:
        _temporary().cleanup()
        _temporary.cache_clear()
        _drawn.clear()
        _files.cache_clear()


@cache
def _temporary() -> TemporaryDirectory[str]:
    """The folder of this process, which goes when the process ends."""
    return TemporaryDirectory(prefix="cnnviz-")
