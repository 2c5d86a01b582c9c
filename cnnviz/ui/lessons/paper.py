"""The pad of a page: what is drawn on it, and what is put there: a test digit, a picture, the drawing of a link.

A page whose settings have `drawing` keeps a drawing in its link on request; one that has `digit`, too, takes test
digits and pictures.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from cnnviz.data import datasets
from cnnviz.data.drawing import from_text, has_ink, photographed, pipeline, to_text
from cnnviz.data.pictures import CHOOSE, MAX_BYTES
from cnnviz.lessons.draw.settings import NONE
from cnnviz.ui.components.pad import Drawing, News, Stamp, on_pad, pad
from cnnviz.ui.core import session
from cnnviz.ui.core.store import STALE_SECONDS, Store, load
from cnnviz.ui.lessons import controls

Picture = NDArray[np.uint8]
MAX_DIGITS = 10_000
PHOTO = "photo"
LOST_PHOTO = (
    "The picture on the pad was kept in a session that the server has forgotten: what is left of it here is read as a "
    "drawing until you bring it again."
)
KEYS = "Or by keys while the pad has the focus: 0 to 9 for a test digit, ← and → for its neighbours, Delete to clear."


@dataclass(frozen=True, eq=False)
class PadImage:
    """What lies on the paper, (H, W) as it looks: black on white, or as a `photo` shows it. `drawing` is the pad's."""

    picture: Picture
    drawing: Drawing
    photo: bool = False


@dataclass
class PadSession:
    """What a page's session has put on its pad: how many times something was, the last picture of the reader's own,
    the text and the origin of a drawing that went into the link, and what was wrong."""

    count: int = 0
    photo: Picture | None = None
    linked: tuple[str, str] = ("", "")
    problem: str = ""

    @property
    def stamp(self) -> str:
        """The id under which the picture is put on the pad, in this session."""
        return f"{PHOTO} {session.name()} {self.count}"


def live_paper(store: Store[Any], news: Callable[[PadImage | None], News]) -> None:
    """Draw the pad as a fragment of its own: a move of the pen runs it alone, and `news` is all that the rest of the
    page hears of it. Where more has changed than that, settings, sentences or what was put there, the page runs again.
    """
    shown: list[tuple[object, ...]] = []  # what the page was drawn with
    sentences = store.notes  # all that it shows, once it has run

    @st.fragment
    def draw() -> None:
        if shown:
            load(store.name, type(store.state), STALE_SECONDS["fragment"])
        before = list(store.notes)
        paper(store, news)
        now = store.state, pad_session(store).count, store.notes[len(before) :]
        if not shown:
            shown.append(now)
        elif now != shown[0] or not set(before) <= set(sentences):
            st.rerun()

    draw()


def paper(store: Store[Any], news: Callable[[PadImage | None], News] = lambda _: News()) -> PadImage | None:
    """Draw the pad; None where nothing is on it. `news(pad_image)` is what others on the page hear of it."""
    key, session = store.key("pad"), pad_session(store)
    takes_digits = hasattr(store.state, "digit")
    stamp = _stamped(store, session)
    try:
        drawing = pad(
            key,
            stamp,
            drawn=lambda: drawn(store, key),
            picked=lambda pick: _picked(store, pick) if takes_digits else None,
            uploaded=lambda name, data: bring(store, name, data) if takes_digits else None,
            files=takes_digits,
            news=lambda drawing: news(_as_pad_image(drawing, session)),
        )
    except ValueError as error:
        store.notes.append(f"{error}.")
        return None
    if session.problem:
        store.notes.append(session.problem)
    if drawing and _has_lost_its_photo(drawing):
        store.notes.append(LOST_PHOTO)
    return _as_pad_image(drawing, session)


def _has_lost_its_photo(drawing: Drawing) -> bool:
    """Whether nothing but a picture lies on the pad that was brought in a session before this one."""
    return drawing.alone and drawing.stamp.startswith(PHOTO) and session.name() not in drawing.stamp.split()


def current_pad_image(store: Store[Any]) -> PadImage | None:
    """What lies on the paper of a page now; for callbacks."""
    return _as_pad_image(on_pad(store.key("pad")), pad_session(store))


def _as_pad_image(drawing: Drawing | None, session: PadSession) -> PadImage | None:
    """The drawing as it looks on white paper; where nothing but a picture of one's own lies there, that picture."""
    if drawing is None or not has_ink(drawing.ink):
        return None
    if session.photo is not None and drawing.alone and drawing.stamp == session.stamp:
        return PadImage(session.photo, drawing, True)
    return PadImage(255 - drawing.ink, drawing)


def extras(store: Store[Any]) -> None:
    """Beside the page's controls: the number of a test digit, and the drawing into the link."""
    if hasattr(store.state, "digit"):
        _test_digit(store)
    hint = "The address of the page then holds this drawing: copy it, or send it."
    st.button("Drawing into link", key=store.key("link"), on_click=_link, args=(store,), help=hint)


def pad_session(store: Store[Any]) -> PadSession:
    """What the session keeps of a page's pad."""
    kept: PadSession = st.session_state.setdefault(_session_key(store), PadSession())
    return kept


def _session_key(store: Store[Any]) -> str:
    """Where the session keeps what is on a page's pad."""
    return f"paper of {store.name}"


def _stamped(store: Store[Any], session: PadSession) -> Stamp | None:
    """What is to lie on the pad: a picture of one's own, the test digit or the drawing of the settings."""
    if session.photo is not None:
        return Stamp(session.stamp, pipeline(session.photo, photo=True)[1].picture)
    digit = getattr(store.state, "digit", NONE)
    if digit != NONE:
        return Stamp(f"digit {digit} {session.count}", datasets.load("mnist").x_test[digit, 0].numpy())
    if not (text := store.state.drawing):
        return None
    try:
        copy_of = session.linked[1] if session.linked[0] == text else ""
        return Stamp(f"link {sha256(text.encode()).hexdigest()[:12]} {session.count}", from_text(text), copy_of)
    except ValueError as error:
        store.notes.append(f"{error}.")
        return None


def _test_digit(store: Store[Any]) -> None:
    """The number of the test image on the pad."""
    shown = store.state.digit if store.state.digit != NONE else None

    def take(chosen: int) -> None:
        _put(store, digit=chosen)

    options = {"placeholder": "0 to 9999", "width": 140, "help": KEYS, "disabled": store.lock.fixes("digit")}
    controls.number(store, "digit", "Test digit", shown, 0, MAX_DIGITS - 1, take, **options)


# --- callbacks: they run before the page does


def _put(store: Store[Any], **settings: Any) -> None:
    """Something else lies on the pad from now on."""
    session = pad_session(store)
    usual = {"digit": NONE} if hasattr(store.state, "digit") else {}
    st.session_state[_session_key(store)] = PadSession(session.count + 1)
    store.change(**{**usual, "drawing": "", **settings})


def drawn(store: Store[Any], key: str) -> None:
    """The drawing has changed: it is no longer what was put there."""
    drawing, session, settings = on_pad(key), pad_session(store), store.state
    session.problem = ""
    holds = settings.drawing or getattr(settings, "digit", NONE) != NONE or session.photo is not None
    if holds and drawing is not None and drawing.stamp and not drawing.alone:
        _put(store)


def _picked(store: Store[Any], pick: dict[str, int]) -> None:
    """A key asks for the next test image of a digit, or for the one before or after."""
    labels, at = datasets.load("mnist").y_test, store.state.digit
    if "by" in pick:
        _put(store, digit=(at + pick["by"]) % MAX_DIGITS if at != NONE or pick["by"] > 0 else MAX_DIGITS - 1)
    elif "digit" in pick:
        places = (labels == pick["digit"]).nonzero()[:, 0]
        later = places[places > at]
        _put(store, digit=int(later[0] if len(later) else places[0]))


def bring(store: Store[Any], name: str, data: bytes | int) -> None:
    """A file that was dropped or chosen, or only its size where the browser did not send it; what is wrong with it is
    said, and the pad stays as it is."""
    try:
        photo = photographed(data if isinstance(data, bytes) else _unsent(data))
        pipeline(photo, photo=True)
    except ValueError as error:
        pad_session(store).problem = f"{name or 'The picture'}: {str(error).rstrip('.')}."
        return
    _put(store)
    st.session_state[_session_key(store)] = replace(pad_session(store), photo=photo)


def _unsent(size: int) -> bytes:
    """Says why a file of so many bytes was not sent: raises ValueError."""
    if size > MAX_BYTES:
        most = f"{MAX_BYTES / 2**20:.0f} MB are the most; save the picture smaller, for example 1000 pixels wide"
        raise ValueError(f"The file has {size / 2**20:.1f} MB and {most}")
    raise ValueError(f"The browser cannot read the file of {size:,} bytes as a picture; {CHOOSE}")


def _link(store: Store[Any]) -> None:
    """The drawing goes into the link."""
    pad_image = current_pad_image(store)
    if pad_image is None:
        pad_session(store).problem = "Nothing is on the pad that could go into the link; draw something first."
        return
    text = to_text(pad_image.drawing.ink)
    _put(store, drawing=text)
    pad_session(store).linked = text, pad_image.drawing.id
