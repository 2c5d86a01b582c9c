"""Characters of web pages, PDFs and other keyboards, outside strings and comments: Python's own in their place."""

from collections.abc import Sequence

from cnnviz.networks.source.cleaning.lines import Line, scan

_NOTHING = "\ufeff\u200b\u200c\u200d\u200e\u200f\u2060\u00ad\x00"
_SPACES = "\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"
_MEANT: dict[str, str] = {
    **{chr(0xFF01 + number): chr(0x21 + number) for number in range(94)},  # full-width: U+FF01 is '!', U+FF5E is '~'
    **dict.fromkeys(_NOTHING, ""),
    **dict.fromkeys(_SPACES, " "),
    **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212", "-"),
    **dict.fromkeys("\u2217\u204e\u2731\ufe61", "*"),
    "、": ",",
    "。": ".",
    "…": "...",
}
_WIDE = "\u3000"  # as wide as two letters, which tells where it indents


def plain(lines: Sequence[Line]) -> list[Line]:
    """The lines with Python's characters for those that look like them."""
    return [line if line.text.isascii() else _plain(line, state.pieces) for line, state in zip(lines, scan(lines))]


def _plain(line: Line, pieces: Sequence[tuple[str, int, int]]) -> Line:
    text, places, before = [], [], len(line.indent)
    for kind, start, end in pieces:
        for at in range(start, end):
            own = line.text[at]
            meant = own
            if kind == "code":
                meant = "  " if own == _WIDE and at < before else _MEANT.get(own, own)
            elif kind == "curly" and at in (start, end - 1):
                meant = _straight(own)
            text.append(meant)
            places.extend([line.places[at]] * len(meant))
    return Line("".join(text), [*places, line.places[-1]])


def _straight(quote: str) -> str:
    return '"' if quote in "“”„‟" else "'" if quote in "‘’‚‛" else quote
