"""What a page will ask for: named in its first HTML, so that a browser far away asks for all of it at once.

Streamlit's scripts name what they import only once they have come, those that draw an element only once the page has
one, and components only once they are drawn: four times there and back, one after the other. Our own come first: they
are needed as soon as the elements are, and are the longest to come.
"""

import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

import streamlit

from cnnviz.ui.core import component

JS = "static/js"
ELEMENTS = ("PageLink", "BidiComponent", "Html", "Selectbox", "NumberInput", "ButtonGroup")  # on most pages
_IMPORTED = re.compile(r"""(?:\bfrom|\bimport)\s*["'`]\./([\w.-]+\.js)["'`]""")


def links(page: str, known: str) -> list[str]:
    """Links for the head of page `page`'s HTML ('' is the home page) to what it does not name yet (`known` is that)."""
    scripts = [f"./{JS}/{name}" for name in _scripts()]
    own = [f"./_stcore/bidi-components/{address}" for address in component.addresses(page or "home")]
    return [_link(address) for address in [*own, *scripts] if address not in known]


def _link(address: str) -> str:
    kind = 'rel="preload" as="style"' if address.endswith(".css") else 'rel="modulepreload" crossorigin'
    return f'<link {kind} href="{address}">'


@cache
def _scripts() -> tuple[str, ...]:
    """The scripts that draw Streamlit's elements, and all that these import. Another Streamlit may call them otherwise;
    what is not found is asked for later."""
    folder = Path(streamlit.__file__).with_name("static") / JS
    first = [path.name for element in ELEMENTS for path in sorted(folder.glob(f"{element}.*.js"))]
    return tuple(dict.fromkeys(_with_imports(folder, first, set())))


def _with_imports(folder: Path, names: Iterable[str], seen: set[str]) -> Iterator[str]:
    for name in names:
        if name not in seen and (folder / name).is_file():
            seen.add(name)
            yield name
            yield from _with_imports(folder, _IMPORTED.findall((folder / name).read_text(encoding="utf-8")), seen)
