"""One custom component from its folder: name.html, name.css and its JavaScript (Streamlit components v2).

The scripts are joined into one module: numbers.js (how a number is written, for all components), then the folder's
parts in the order of their names, then name.js with the default export.
"""

from pathlib import Path

import streamlit as st
from streamlit.components.v2.types import ComponentRenderer

from cnnviz.ui import theme

COMPONENTS = Path(__file__).parent


def load_component(init_file: str) -> ComponentRenderer:
    """Register the component whose __init__.py is `init_file`; the roles' colours come first in its CSS."""
    folder = Path(init_file).parent
    html, css = (folder / f"{folder.name}.{kind}" for kind in ("html", "css"))
    main = folder / f"{folder.name}.js"
    scripts = [COMPONENTS / "numbers.js", *sorted(path for path in folder.glob("*.js") if path != main), main]
    return st.components.v2.component(
        f"cnnviz.{folder.name}",
        html=html.read_text(encoding="utf-8") if html.is_file() else "",
        css=theme.css() + (css.read_text(encoding="utf-8") if css.is_file() else ""),
        js="\n".join(path.read_text(encoding="utf-8") for path in scripts),
    )
