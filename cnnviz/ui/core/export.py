"""A stage as one HTML file: the component's own markup, styles and modules over the data that it shows.

The file needs no server and no network. Whatever the component does in the browser it does there too; what Python
would have to compute it cannot, so a component hands over data in which nothing can be edited.
"""

import base64
import json
import time
from collections.abc import Callable, Mapping, Sequence
from html import escape
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

from cnnviz import links
from cnnviz.ui.core import assets, theme
from cnnviz.ui.core.assets import Assets

if TYPE_CHECKING:
    from cnnviz.ui.core.store import Store

DOCUMENT = Path(__file__).with_name("export.html")
OPENING = "core/standalone.js"  # calls a component's `mount` in a file
PREFIX = "cnnviz/"  # of a module's name in a file
_PLAIN = " ~!*()';:@&=+$,/?[]{}|^`"  # what may stand in an address as it is, in an attribute or a script, too


def standalone(parts: Assets, data: Mapping[str, Any] | bytes, title: str, sentences: Sequence[str] = ()) -> str:
    """The document: component `parts` over `data` (JSON, or bytes as `packed` makes them), with the `sentences`
    below it. Raises ValueError where `data` holds a number that is not finite, which JSON has no word for."""
    below = "\n".join(f"<p>{escape(sentence)}</p>" for sentence in sentences)
    return document(DOCUMENT, OPENING, parts, data, title=escape(title), sentences=below)


def document(template: Path, opening: str, parts: Assets, data: Mapping[str, Any] | bytes, **words: str) -> str:
    """The file `template` filled in: component `parts` over `data`, opened by the module `opening` of cnnviz/ui, and
    further `words`, which are HTML already. Raises ValueError as `standalone` does."""
    return Template(template.read_text(encoding="utf-8")).substitute(
        words,
        light=theme.variables("light"),
        dark=theme.variables("dark"),
        css=parts.css,
        html=parts.html,
        modules=json.dumps({"imports": _inlined({**assets.modules(opening), **dict(parts.modules)})}, indent=0),
        opening=f"{PREFIX}{opening}",
        main=f"{PREFIX}{parts.main}",
        kind="octet-stream" if isinstance(data, bytes) else "json",
        data=base64.b64encode(data).decode() if isinstance(data, bytes) else _script_safe(data),
    )


def _inlined(modules: Mapping[str, str]) -> dict[str, str]:
    """Modules as an import map has them: the name of each, and where it is, which is in the address itself. A file on a
    disk may import nothing else, and there a relative path leads nowhere."""
    texts = {path: assets.with_bare_names(path, source, PREFIX) for path, source in modules.items()}
    return {f"{PREFIX}{path}": _data_url(text) for path, text in texts.items()}


def _data_url(script: str) -> str:
    """A script as an address that holds it, written so that a server can still compress it."""
    return f"data:text/javascript;charset=utf-8,{quote(script, safe=_PLAIN)}"


def _script_safe(data: Mapping[str, Any]) -> str:
    """JSON that cannot end the script element that it stands in, nor begin a comment; ASCII only."""
    return json.dumps(data, allow_nan=False).replace("<", "\\u003c")


def ask(key: str) -> None:
    """Callback of a component's 'Save' as a web page: the next run hands the file over."""
    import streamlit as st

    st.session_state[_request_key(key)] = True


def _request_key(key: str) -> str:
    """Where the session keeps that the component `key` is to be saved."""
    return f"{key} is to be saved"


def requested(key: str, write: Callable[[], str]) -> dict[str, str] | None:
    """What the browser is to save, where it has just asked for it: what `write` gives, and a number by which it is
    saved once, however often the browser is handed it."""
    import streamlit as st

    if not st.session_state.pop(_request_key(key), False):
        return None
    return {"number": str(time.time_ns()), "text": write()}


def link_back(store: "Store[Any]") -> str:
    """The sentence that says where what the file shows can be changed, as text: a file knows of no server."""
    path, query = "" if store.name == "home" else store.name, urlencode(links.encode(store.state))
    return f"For everything else, open this page of cnnviz: /{path}{'?' if query else ''}{query}"
