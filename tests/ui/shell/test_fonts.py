"""The parts of Streamlit's fonts that the app sends: all that pages show of them, as wide as it was, and small."""

import io

import pytest
from fontTools.ttLib import TTFont

from cnnviz.ui.shell.delivery import FONTS
from harness import fonts

NAMES = [*fonts.TEXTS, fonts.ICONS]


def test_they_are_those_of_this_streamlit():
    assert sorted(FONTS) == sorted(fonts.source(name).name for name in NAMES), "make fonts"
    assert sum(map(len, FONTS.values())) < 200_000 < sum(fonts.source(name).stat().st_size for name in NAMES) / 3


@pytest.mark.parametrize("name", fonts.TEXTS)
def test_letters_that_pages_show_are_there_and_as_wide_as_before(name):
    part, whole = TTFont(io.BytesIO(FONTS[fonts.source(name).name])), TTFont(fonts.source(name))
    known, kept = whole.getBestCmap(), part.getBestCmap()
    shown = fonts.letters() & known.keys()
    assert shown <= kept.keys(), f"make fonts: {[chr(letter) for letter in shown - kept.keys()]}"
    wide = [letter for letter in shown if part["hmtx"][kept[letter]][0] != whole["hmtx"][known[letter]][0]]
    assert wide == [] and len(shown) > 400
    assert [axis.axisTag for axis in part["fvar"].axes] == ["wght"]


def test_icons_that_pages_show_are_there():
    part, whole = TTFont(io.BytesIO(FONTS[fonts.source(fonts.ICONS).name])), TTFont(fonts.source(fonts.ICONS))
    drawn, kept = fonts.ligatures(whole), fonts.ligatures(part)
    shown = fonts.icons() & drawn.keys()
    assert {"info", "close", "access_time", "keyboard_double_arrow_left"} <= shown <= kept.keys() < drawn.keys()
    assert fonts.icons() - shown <= {"icon_name", "star_filled"}  # the font draws no such icon
