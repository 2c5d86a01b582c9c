"""'Copy link': the page's address, which holds its state, to the clipboard; beside it a link for a class, which fixes
settings or opens the presenter view, with its QR code. Of a link that is too long for some ways, it is said, and the
text that makes it so is offered as a file."""

import io
from collections.abc import Callable, Mapping
from functools import lru_cache

from cnnviz.ui.core import assets, component

ASSETS = assets.read(__file__)

MAX_LINK = 200_000  # letters that are told to be too many; a text of one's own takes at most 60,000 in a link
PLAIN = 300  # bytes from which on a code is made without comparing all eight masks, which takes four times as long
LONG = 7_500  # letters of an address: with what stands beside it in the first line of a request, nginx reads 8,192
MAX_BYTES = 2953  # of a QR code, the largest (version 40) at the least error correction: ISO/IEC 18004, table 7


def share(key: str, settings: Mapping[str, str], text: Callable[[], str]) -> None:
    """Draw the buttons, as a fragment. `settings` are what a link can fix: the name in the link, and words for it.
    `text` gives the text that the page's link holds, '' where it holds none. The browser knows the page's address; it
    asks for a code by sending the link."""
    import streamlit as st

    st.fragment(_share)(key, settings, text)


def _share(key: str, settings: Mapping[str, str], text: Callable[[], str]) -> None:
    sent = component.sent(key, "link")
    link = sent if isinstance(sent, str) else ""
    answer = {"link": link, "code": "", "why": "", "text": text() if len(link) > LONG else ""}
    if len(link) > LONG:
        answer["why"] = _too_long(link, bool(answer["text"]))
    elif link:
        try:
            answer["code"] = qr_code(link)
        except ValueError as error:
            answer["why"] = f"{error}."
    component.mount(
        ASSETS,
        key=key,
        data={"settings": list(settings.items()), "long": LONG, **answer},
        default={"link": ""},
        max_letters={"link": MAX_LINK},
        on_link_change=lambda: None,
        width="content",
    )


def _too_long(link: str, has_text: bool) -> str:
    """What is said of a link that is longer than LONG, and what to do instead."""
    return (
        f"This link has {len(link):,} characters. Some servers and mail programs take no more than {LONG:,}, and a QR "
        f"code holds at most {MAX_BYTES:,}: {'give the text as a file' if has_text else 'set less, or copy it'}."
    )


@lru_cache(maxsize=64)
def qr_code(link: str) -> str:
    """The QR code of `link` as SVG, dark on white, with the quiet zone of 4 modules that readers need. Raises
    ValueError for a link that no code holds."""
    size = len(link.encode())
    if size > MAX_BYTES:
        raise ValueError(f"This link has {size:,} characters, and a QR code holds at most {MAX_BYTES:,}: copy it")
    import segno  # a teacher wants it now and then; the pages open without it

    code = segno.make_qr(link, error="l", encoding="utf-8", mask=0 if size > PLAIN else None)
    file = io.BytesIO()
    code.save(file, kind="svg", xmldecl=False, nl=False, dark="#000", light="#fff", border=4, omitsize=True)
    return file.getvalue().decode()
