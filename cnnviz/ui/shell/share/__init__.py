"""'Copy link': the page's address, which holds its state, to the clipboard; beside it a link for a class, which fixes
settings or opens the presenter view, with its QR code."""

import io
from collections.abc import Mapping
from functools import lru_cache

from cnnviz.ui.core import assets, component

ASSETS = assets.read(__file__)

MAX_LINK = 200_000  # letters that are told to be too many; the longest text of one's own takes 60,000 in a link
PLAIN = 300  # bytes from which on a code is made without comparing all eight masks, which takes four times as long
MAX_BYTES = 2953  # of a QR code, the largest (version 40) at the least error correction: ISO/IEC 18004, table 7


def share(key: str, settings: Mapping[str, str]) -> None:
    """Draw the buttons, as a fragment. `settings` are what a link can fix: the name in the link, and words for it. The
    browser knows the page's address; it asks for a code by sending the link."""
    import streamlit as st

    st.fragment(_share)(key, settings)


def _share(key: str, settings: Mapping[str, str]) -> None:
    sent = component.sent(key, "link")
    link = sent if isinstance(sent, str) else ""
    code, why = "", ""
    if link:
        try:
            code = qr_code(link)
        except ValueError as error:
            why = f"{error}."
    data = {"settings": list(settings.items()), "link": link, "code": code, "why": why}
    component.mount(
        ASSETS,
        key=key,
        data=data,
        default={"link": ""},
        max_letters={"link": MAX_LINK},
        on_link_change=lambda: None,
        width="content",
    )


@lru_cache(maxsize=64)
def qr_code(link: str) -> str:
    """The QR code of `link` as SVG, dark on white, with the quiet zone of 4 modules that readers need. Raises
    ValueError for a link that no code holds."""
    size = len(link.encode())
    if size > MAX_BYTES:
        raise ValueError(f"this link has {size:,} characters, and a QR code holds at most {MAX_BYTES:,}: copy it")
    import segno  # a teacher wants it now and then; the pages open without it

    code = segno.make_qr(link, error="l", encoding="utf-8", mask=0 if size > PLAIN else None)
    file = io.BytesIO()
    code.save(file, kind="svg", xmldecl=False, nl=False, dark="#000", light="#fff", border=4, omitsize=True)
    return file.getvalue().decode()
