"""Streamlit's fonts, cut down to what pages show: they are half of what a first visit brings over the line.

    python -m harness.fonts     (make fonts) writes cnnviz/ui/shell/fonts, for the Streamlit that is installed

`cnnviz/ui/shell/delivery.py` sends them under Streamlit's own names. What a name tells of a file's content holds for
another Streamlit no more: that one's fonts go out whole, and tests/ui/shell/test_fonts.py says so.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from pathlib import Path

import streamlit
from fontTools import subset
from fontTools.ttLib import TTFont

ROOT = Path(__file__).resolve().parent.parent
STREAMLIT = Path(streamlit.__file__).parent
FOLDER = ROOT / "cnnviz" / "ui" / "shell" / "fonts"
TEXTS = ("SourceSansVF-Upright", "SourceSansVF-Italic", "SourceCodeVF-Upright")
ICONS = "MaterialSymbols-Rounded"
LETTERS = [  # what people write, beside the letters that the sources hold
    (0x20, 0x7E),
    (0xA0, 0x17F),  # Latin
    (0x370, 0x45F),  # Greek, Cyrillic
    (0x2010, 0x2044),  # punctuation
    (0x2070, 0x209C),  # superscripts, subscripts
    (0x20A0, 0x20BF),  # currencies
    (0x2190, 0x2265),  # arrows, mathematics
]
_ICON = re.compile(r":material/(\w+)")
_NAMES = (1, 3, 4, 6, 16)  # of the family, in a font: the licence keeps the makers' names for the whole ones


def source(name: str) -> Path:
    """Streamlit's file of the font `name`, whose name also holds a hash. Raises StopIteration where there is none."""
    return next((STREAMLIT / "static" / "static" / "media").glob(f"{name}.*woff2"))


def icons() -> set[str]:
    """The names of all icons that Streamlit and the app may show."""
    scripts = [*(STREAMLIT / "static" / "static" / "js").glob("*.js"), *STREAMLIT.rglob("*.py")]
    return {name for path in [*scripts, *_sources()] for name in _ICON.findall(path.read_text(encoding="utf-8"))}


def letters() -> set[int]:
    """The code points that a page may show."""
    written = {ord(letter) for path in _sources() for letter in path.read_text(encoding="utf-8")}
    return written.union(*(range(first, last + 1) for first, last in LETTERS))


def _sources() -> Iterator[Path]:
    """The files whose texts pages show."""
    for folder in ("cnnviz", "pages"):
        for kind in ("py", "js", "html", "css", "toml", "md"):
            yield from (ROOT / folder).rglob(f"*.{kind}")
    yield from ROOT.glob("*.py")


def ligatures(font: TTFont) -> dict[str, str]:
    """The texts that the font draws as one glyph, and the names of the glyphs: an icon is the ligature of its name."""
    letters = {glyph: chr(code).lower() for code, glyph in font.getBestCmap().items()}
    return {
        "".join(letters.get(glyph, "?") for glyph in [first, *one.Component]): one.LigGlyph
        for lookup in font["GSUB"].table.LookupList.Lookup
        for table in lookup.SubTable
        for first, several in getattr(getattr(table, "ExtSubTable", table), "ligatures", {}).items()
        for one in several
    }


def cut(name: str) -> bytes:
    """The font `name` with those letters, or icons, alone; as WOFF2."""
    options = subset.Options()
    options.flavor = "woff2"
    font = subset.load_font(str(source(name)), options)
    chosen = subset.Subsetter(options)
    if name == ICONS:
        options.layout_closure = False
        drawn = ligatures(font)
        chosen.populate(glyphs=[drawn[icon] for icon in icons() & drawn.keys()], unicodes=range(0x20, 0x7F))
    else:
        chosen.populate(unicodes=letters())
    chosen.subset(font)
    for record in font["name"].names:
        if record.nameID in _NAMES:
            record.string = "cnnviz, a part of it"
    return _packed(font, options)


def _packed(font: TTFont, options: subset.Options) -> bytes:
    packed = io.BytesIO()
    subset.save_font(font, packed, options)
    return packed.getvalue()


def main() -> None:
    """Write all of them, and take away those of another Streamlit."""
    made = {source(name).name: cut(name) for name in (*TEXTS, ICONS)}
    FOLDER.mkdir(exist_ok=True)
    for old in FOLDER.glob("*.woff2"):
        old.unlink()
    for name, part in made.items():
        (FOLDER / name).write_bytes(part)


if __name__ == "__main__":
    main()
