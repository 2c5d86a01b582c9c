"""Long texts in a link: to the character, small, and bounded whatever a stranger writes there."""

import hashlib
import random
import tracemalloc
import zlib
from base64 import urlsafe_b64encode
from pathlib import Path
from urllib.parse import parse_qsl, quote_plus, urlencode

import pytest

from cnnviz import links
from cnnviz.lessons.shapes.settings import MAX_TEXT, START, Shapes
from cnnviz.lessons.train.settings import Train
from cnnviz.links.sources import MARK, MAX_WRITTEN, read, write
from cnnviz.links.usual import USUAL
from tests.helpers import refused
from tests.pace import within
from tests.sampling import Tries

LONG = (Path(__file__).parent / "long_class.txt").read_text(encoding="utf-8")  # several classes, as people write them

ALPHABETS = [
    "abc nn.Conv2d(1, 8)\n",
    "\t\r\n \u3000\u00a0\u2003\ufeff\u200b\u200d\u2028\u0085",
    "".join(map(chr, range(1, 256))),
    "卷积层はＣＮＮ（１）é\u0301ñ😀👩‍🔬\U0010ffff\uffff\ufffd\u202e",
    "+%&=#?/\\~_-.zAZ09\"'",
]


def random_text(pick: random.Random) -> str:
    """Of one alphabet, of several, or of all that Unicode has."""
    length = pick.choice([0, 1, 2, 5, 40, 300, 3000])
    if pick.random() < 0.3:
        anything = (pick.choice([pick.randint(1, 0xD7FF), pick.randint(0xE000, 0x10FFFF)]) for _ in range(length))
        return "".join(map(chr, anything))
    return "".join(pick.choices("".join(pick.sample(ALPHABETS, pick.randint(1, 3))), k=length))


def deflated(content: bytes) -> str:
    """Bytes as they stand in a link."""
    deflate = zlib.compressobj(9, zlib.DEFLATED, -15)  # which need not refer to anything
    return MARK + urlsafe_b64encode(deflate.compress(content) + deflate.flush()).decode().rstrip("=")


@pytest.mark.parametrize("page", [Shapes, Train])
def test_any_text_comes_back_to_the_character(page: type, tries: Tries) -> None:
    for pick in tries(5000, sample=150):
        state = page(text=random_text(pick))
        address = urlencode(links.encode(state))  # as Streamlit writes it
        query = dict(parse_qsl(address, keep_blank_values=True))
        assert links.decode(page, query) == (state, [])
        assert links.accepted(page, "text", state.text) == state.text  # what the box takes, the link takes
        assert len(query.get("text", "")) <= len(quote_plus(state.text)) + 3


def test_the_shorter_form_is_written() -> None:
    assert write("") == "" and write("oops") == "oops"
    assert write(START).startswith(MARK) and len(write(START)) < len(quote_plus(START)) / 1.5
    assert urlencode({"text": write(START)}) == f"text={write(START)}"  # nothing is escaped


def test_a_class_of_10_000_characters_takes_a_third_of_them() -> None:
    text = LONG[:10_000]
    assert len(text) == 10_000 and len(write(text)) < 3_400


def test_what_links_were_deflated_with_never_changes() -> None:
    assert hashlib.sha256(USUAL).hexdigest() == "f9e7bae6b146a52a7640367961d882f1bd3d719207062e084fa25f2fef1e53fa"
    assert (
        read("_z.Qy3eUAp4pFAxtzABh4qmgoKywtPe7c-Xr3_c0MDLBQA", MAX_TEXT)
        == "nn.Sequential(nn.Flatten(), nn.Linear(784, 10))  # \u5377\u79ef\u3000\r\n"
    )


def test_the_longest_text_goes_both_ways() -> None:
    text = (LONG * 10)[:MAX_TEXT]
    assert len(text) == 100_000 and links.decode(Shapes, links.encode(Shapes(text=text))) == (Shapes(text=text), [])
    wide = "\U0001f600" * MAX_TEXT  # four bytes each
    assert read(write(wide), MAX_TEXT) == wide


@pytest.mark.parametrize("text", ["_z.", "_z.AAAA", "_z.weight", f"{MARK}{'x' * 50}", write(START)])
def test_a_text_that_looks_deflated_is_none(text: str) -> None:
    assert write(text) != text and read(write(text), MAX_TEXT) == text


@pytest.mark.parametrize(
    "text",
    [
        "_z.a b",
        "_z.a\n",
        " _z.AAAA",
        "_z",
        "_z.a()",
        "nn.Sequential(nn.Flatten())",
        START,
        "# \u00e9\t\r\n",
        "x" * 7000,
    ],
)
def test_the_plain_form_of_older_links_is_read(text: str) -> None:
    assert read(text, MAX_TEXT) == text


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("x" * 100_001, ["100,001", "100,000"]),
        ("nn.ReLU()\0", ["U+0000"]),
        ("a\ud800b", ["U+D800"]),
        ("\udfff", ["U+DFFF"]),
        ("".join(map(chr, random.Random(1).choices(range(0x4E00, 0x9FFF), k=MAX_TEXT))), [f"{MAX_WRITTEN:,}"]),
    ],
    ids=["long", "nul", "first half", "second half", "incompressible"],
)
def test_box_and_link_refuse_the_same(text: str, named: list[str]) -> None:
    with refused(*named):
        links.accepted(Shapes, "text", text)
    if not any("\ud800" <= one <= "\udfff" for one in text):  # of which there is no UTF-8, and so no link
        for written in (text, deflated(text.encode())):
            state, notes = links.decode(Shapes, {"text": written})
            assert state == Shapes() and len(notes) == 1
            notes[0].encode()
    assert "\0" not in links.shorten(text)
    links.shorten(text).encode()  # a sentence about it can be sent


@pytest.mark.parametrize(
    "written",
    [
        MARK,
        f"{MARK}A",
        f"{MARK}AAAA",
        f"{MARK}____",
        write(START)[:-9],
        f"{write(START)}AAAA",
        deflated(b"\xff\xfe"),
        deflated(b"a\xed\xa0\x80"),  # a surrogate, as if UTF-8 could write it
        deflated(b"\xc0\xaf"),  # a slash in two bytes
        deflated(b"\xf4\x90\x80\x80"),  # beyond the last character
    ],
)
def test_what_is_damaged_gets_a_sentence(written: str) -> None:
    state, notes = links.decode(Shapes, {"text": written})
    assert state == Shapes() and len(notes) == 1


def test_cut_and_mutated_links_give_a_text_or_a_sentence(tries: Tries) -> None:
    good = write(LONG[:3_000])
    for pick in tries(20_000, sample=300):
        characters = list(good[: pick.randint(1, len(good))])
        for _ in range(pick.randint(0, 4)):
            characters[pick.randrange(len(characters))] = pick.choice("aZ9_-.é")
        state, notes = links.decode(Shapes, {"text": "".join(characters)})
        assert len(notes) <= 1 and len(state.text) <= MAX_TEXT and "\0" not in state.text
        assert links.decode(Shapes, links.encode(state)) == (state, [])


@pytest.mark.parametrize("kilobytes", [2, 58])
def test_a_bomb_is_refused_without_being_unpacked(kilobytes: int) -> None:
    content = b"x" * (kilobytes * 1000 * 3 // 4 * 1000)  # deflate packs at most 1,032 to 1
    bomb = deflated(content)
    assert len(bomb) > kilobytes * 900
    del content
    tracemalloc.start()
    with within(0.5), refused("100,000"):
        read(bomb, MAX_TEXT)
    assert tracemalloc.get_traced_memory()[1] < 2_000_000
    tracemalloc.stop()
