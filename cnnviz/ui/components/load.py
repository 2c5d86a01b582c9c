"""One custom component from its folder: name.html, name.css and its JavaScript (Streamlit components v2).

The scripts are joined into one module: numbers.js (how a number is written, for all components), then the
folder's parts in the order of their names, then name.js with the default export. Components may share parts.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import streamlit as st
from streamlit.components.v2.types import ComponentRenderer

from cnnviz.ui import theme

COMPONENTS = Path(__file__).parent
EXPORT = "export default function"
STATE = """<div data-state="loading" style="display: contents">
%s
</div>"""  # see state.js


@dataclass(frozen=True)
class Assets:
    """All that a component is in the browser, as text; `js` is a module whose default export draws the data."""

    name: str
    html: str
    css: str
    js: str


def load_component(init_file: str, shared: Sequence[str] = ()) -> ComponentRenderer:
    """Register the component whose __init__.py is `init_file`; `shared` as for `assets`."""
    return register(assets(init_file, shared))


def register(parts: Assets) -> ComponentRenderer:
    """Make a component known to Streamlit; what comes back draws it.

    In the browser its markup stands in an element with `data-state`: loading, ready, busy or failed. Its script comes
    and runs some time after the page has; who looks at pages (tests, benches, pictures) waits for that.
    """
    state = (COMPONENTS / "state.js").read_text(encoding="utf-8")
    js = parts.js.replace(EXPORT, "const component = function", 1) + state
    return st.components.v2.component(f"cnnviz.{parts.name}", html=STATE % parts.html, css=parts.css, js=js)


def assets(init_file: str, shared: Sequence[str] = ()) -> Assets:
    """The component whose __init__.py is `init_file`; the roles' colours come first in its CSS.
    `shared` names scripts and stylesheets of other components, such as 'stage/edit.js', that go before its
    own, and markup that takes the place of a comment of its name."""
    folder = Path(init_file).parent
    own, main = folder / f"{folder.name}.html", folder / f"{folder.name}.js"
    html = own.read_text(encoding="utf-8") if own.is_file() else ""
    borrowed = [COMPONENTS / name for name in shared]
    for path in borrowed:
        if path.suffix == ".html":
            html = html.replace(f"<!-- {path.stem} -->", path.read_text(encoding="utf-8").strip())
    styles = [path for path in [*borrowed, folder / f"{folder.name}.css"] if path.suffix == ".css" and path.is_file()]
    parts = [path for path in borrowed if path.suffix == ".js"] + sorted(set(folder.glob("*.js")) - {main})
    return Assets(
        folder.name,
        html,
        css=theme.css() + joined(styles),
        js=joined([COMPONENTS / "numbers.js", *parts, main]),
    )


def joined(paths: Sequence[Path]) -> str:
    """The files as one text."""
    return "\n".join(path.read_text(encoding="utf-8") for path in paths)
