"""A long text as the part of a link: deflated where that is shorter than as it stands, and the same to the character.

Deflated, it is `_z.` and the base64 of RFC 4648, section 5 (letters, digits, '-' and '_', without padding) of the raw
stream of RFC 1951 of its UTF-8, which may refer to USUAL as to what stands before it: a short class takes half as much
so, a long one a tenth less. A text that itself consists of these characters after `_z.` is always written so, for
it would be taken for a deflated one. Whatever UTF-8 can write may be in a text, but for the character U+0000: Python
reads none, and where one stands, the text was read in a wrong encoding.
"""

import binascii
import re
import zlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from functools import lru_cache
from urllib.parse import quote_plus

from cnnviz.links.usual import USUAL

MARK = "_z."
MAX_WRITTEN = 60_000  # characters of it in an address: Streamlit's server reads 65,536 bytes of a request's headers
RAW = -15  # zlib's bits of window of a stream without header and checksum
MAX_BYTES = 4  # of a character in UTF-8
DAMAGED = "it is damaged; copy the whole link anew"

_DEFLATED = re.compile(r"_z\.[A-Za-z0-9_-]*")


@lru_cache(maxsize=32)
def write(text: str) -> str:
    """The shorter form of the two, as long as they are in an address. Raises ValueError where UTF-8 cannot write it."""
    try:
        content = text.encode()
    except UnicodeEncodeError as error:
        half = f"U+{ord(text[error.start]):04X}"
        raise ValueError(f"it holds {half}, half of a character, which cannot be sent; paste the text anew") from None
    deflate = zlib.compressobj(9, zlib.DEFLATED, RAW, zdict=USUAL)
    packed = deflate.compress(content) + deflate.flush()
    deflated = MARK + urlsafe_b64encode(packed).decode().rstrip("=")
    return deflated if _DEFLATED.fullmatch(text) or len(deflated) < len(quote_plus(text)) else text


def read(written: str, max_length: int) -> str:
    """The text that `write` wrote, or one that stands there plainly. Raises ValueError where it is damaged, has more
    than `max_length` characters, the character U+0000, or no form that an address has room for."""
    text = _inflated(written, max_length) if _DEFLATED.fullmatch(written) else written
    if len(text) > max_length:
        raise ValueError(f"it has {len(text):,} characters and {max_length:,} are the most; leave out a part of it")
    if "\0" in text:
        raise ValueError("it holds the character U+0000, which no text has; save it as UTF-8 and paste it anew")
    size = len(quote_plus(write(text)))
    if size > MAX_WRITTEN:
        raise ValueError(f"it takes {size:,} characters in a link and {MAX_WRITTEN:,} are the most; leave out a part")
    return text


def _inflated(written: str, max_length: int) -> str:
    """The deflated text, of which no more than `max_length` characters are made. Raises ValueError where it is longer
    or damaged."""
    encoded = written.removeprefix(MARK)
    most = MAX_BYTES * max_length
    inflate = zlib.decompressobj(RAW, USUAL)
    try:
        packed = urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4))
        content = inflate.decompress(packed, most + 1)
        if len(content) > most:
            raise ValueError(f"it has more than {max_length:,} characters, which are the most; leave out a part of it")
        text = content.decode()
    except (zlib.error, binascii.Error, UnicodeDecodeError):
        raise ValueError(DAMAGED) from None
    if not inflate.eof or inflate.unused_data:
        raise ValueError(DAMAGED)
    return text
