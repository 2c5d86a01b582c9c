"""page(): the first line of every page. Title, menu, link to copy, and the page's state."""

import dataclasses
import gc
import re
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import streamlit as st

from cnnviz import PACKAGE, app_file, links
from cnnviz.links import locks
from cnnviz.ui import edits, presenter, state
from cnnviz.ui.components.share import share
from cnnviz.ui.edits import Target
from cnnviz.ui.state import Store

State = TypeVar("State")

STYLE = Path(__file__).with_name("page.css")
JOINER = "\N{WORD JOINER}"
ICON = str(Path(__file__).with_name("icon.svg"))  # a file of ours: a named icon would be fetched from a font server

# slug, title, what one does there; the menu shows the pages that exist, in this order
MENU: dict[str, list[tuple[str, str, str]]] = {
    "Basics": [
        ("convolution", "Convolution", "Edit a grid and a kernel, and watch the window slide."),
        ("channels", "Channels", "Several channels, several filters, groups: every sum written out."),
        ("pooling", "Pooling", "Maximum against average, on the same input."),
        ("filters", "Image filters", "The same kernels on a picture of your own."),
    ],
    "Networks": [
        ("shapes", "Shapes", "Follow a tensor through a network, layer by layer."),
        ("receptive", "Receptive field", "What one unit sees of the input."),
        ("inside", "Inside the network", "Every activation of a trained network."),
        ("architectures", "Architectures", "From LeNet-5 to today."),
    ],
    "Hands on": [
        ("draw", "Draw a digit", "Your handwriting, read while you write."),
        ("train", "Train", "A short training run, live."),
        ("evaluate", "Evaluate", "Where a network is right and where it is wrong."),
        ("room", "Class room", "Train against one another, on one board."),
    ],
}
TITLES = {slug: title for group in MENU.values() for slug, title, _ in group}
TITLES["home"] = "See a convolutional network think"


@dataclass(frozen=True)
class Nothing:
    """The state of a page that has none."""


def page(name: str, state_class: type[State] = Nothing) -> Store[State]:  # type: ignore[assignment]
    """Begin page `name` (a slug of MENU, or 'home') and give its state; see `cnnviz.ui.state.load`."""
    title = TITLES[name]
    presenter.turn(left_at)
    presenting = presenter.is_on(name)
    st.set_page_config(
        page_title="cnnviz" if name == "home" else f"{title} · cnnviz",
        page_icon=ICON,
        layout="wide",
        initial_sidebar_state="auto",
    )
    style(presenting)
    freeze_imports()
    store = state.load(name, state_class)
    if not presenting:
        menu()
    with st.container(horizontal=True, vertical_alignment="center", key="page_head"):
        st.title(title, anchor=False, width="stretch")
        presenter.bar(name, [slug for slug in TITLES if slug != "home" and exists(slug)], TITLES, presenting)
        with st.container(width="content"):
            share(f"{name}_share", offered(name, state_class))
    if fixed := locks.describe(store.lock):
        st.caption(fixed)
    return store


def style(presenting: bool) -> None:
    """The stylesheets, as one element."""
    sheets = [STYLE, presenter.STYLE] if presenting else [STYLE]
    st.html("<style>" + "\n".join(sheet.read_text(encoding="utf-8") for sheet in sheets) + "</style>")


def offered(name: str, state_class: type[Any]) -> dict[str, str]:
    """What a link to page `name` can fix: names for `?lock=`, and words for them."""
    fields = [field.name for field in dataclasses.fields(state_class)]
    return {one: locks.word(one) for one in locks.names(name, fields)}


@st.cache_resource(show_spinner=False)
def freeze_imports() -> None:
    """Once a server: what has been imported stays, so the garbage collector need not walk over it after every edit."""
    gc.collect()
    gc.freeze()


def exists(slug: str) -> bool:
    """Whether the page has been built."""
    return app_file("pages", f"{slug}.py").is_file()


def menu() -> None:
    """The grouped menu in the sidebar. A page that was visited is linked in the state in which it was left."""
    with st.sidebar:
        st.page_link("app.py", label="**cnnviz**")
        for group, entries in MENU.items():
            existing = [entry for entry in entries if exists(entry[0])]
            if existing:
                st.caption(group)
            for slug, title, _ in existing:
                st.page_link(f"pages/{slug}.py", label=title, query_params=left_at(slug))


def left_at(slug: str) -> dict[str, str]:
    """The query of page `slug` as this session left it."""
    kept = st.session_state.get(state.session_key(slug))
    return links.encode(kept["state"]) if kept and kept["state"] is not None else {}


def notes(store: Store[State], targets: Collection[Target] | None = None) -> None:
    """The sentences about what was mended, not understood or typed wrong (in `targets`), above the stage."""
    sentences = [*store.notes, *edits.notes(store.name, targets)]
    if sentences:
        st.warning("  \n".join(map(plain_text, sentences)), icon=":material/info:")


def plain_text(sentence: str) -> str:
    """A sentence that may quote what a stranger typed, so that Markdown shows it as it is, in one line, and makes no
    links of addresses: these it would find also where they are escaped, so that an invisible joiner parts them."""
    parted = re.sub(r"(?<=:)(?=//)|(?<=www)(?=\.)|(?<=@)", JOINER, " ".join(sentence.split()), flags=re.IGNORECASE)
    return re.sub(r"([\\`*_{}\[\]()#+.!|<>$~:&@-])", r"\\\1", parted)


def lesson(name: str) -> str:
    """The prose of page `name`, from cnnviz/lessons."""
    return (PACKAGE / "lessons" / f"{name}.md").read_text(encoding="utf-8")
