"""The QR code of a link: read back module by module, as the standard lays it out."""

import json
import re
from typing import Any

import pytest
from streamlit.proto.WidgetStates_pb2 import WidgetState
from streamlit.testing.v1 import AppTest

from cnnviz.ui.shell.share import LONG, MAX_BYTES, qr_code
from tests.helpers import refused
from tests.test_pages import run
from tests.ui.shell.test_presenter import component, given


def modules(svg: str) -> list[list[bool]]:
    """The dark and light modules of a drawn code, its quiet zone included: its path goes by m (move) and h (draw)."""
    side = int(re.search(r'viewBox="0 0 (\d+) \1"', svg).group(1))
    (path,) = re.findall(r'class="qrline" stroke="#000" d="([^"]*)"', svg)
    cells, x, y = [[False] * side for _ in range(side)], 0.0, 0.0
    for step, numbers in re.findall(r"([Mmh])([^Mmh]*)", path):
        values = [float(one) for one in re.findall(r"-?[\d.]+", numbers)]
        if step == "h":
            cells[int(y)][int(x) : int(x + values[0])] = [True] * int(values[0])
            x += values[0]
        else:
            x, y = values if step == "M" else (x + values[0], y + values[1])
    return cells


MASKS = [  # ISO/IEC 18004, table 10
    lambda i, j: (i + j) % 2 == 0,
    lambda i, j: i % 2 == 0,
    lambda i, j: j % 3 == 0,
    lambda i, j: (i + j) % 3 == 0,
    lambda i, j: (i // 2 + j // 3) % 2 == 0,
    lambda i, j: i * j % 2 + i * j % 3 == 0,
    lambda i, j: (i * j % 2 + i * j % 3) % 2 == 0,
    lambda i, j: ((i + j) % 2 + i * j % 3) % 2 == 0,
]


def read_code(cells: list[list[bool]]) -> str:
    """The text of a QR code of versions 2 to 5 whose data is one block, read as ISO/IEC 18004 lays it out."""
    n = len(cells)
    mask = MASKS[int("".join(str(int(cells[8][j])) for j in (2, 3, 4)), 2) ^ 0b101]
    alignment = range(n - 9, n - 4)

    def function(i: int, j: int) -> bool:
        finder = (i < 9 and (j < 9 or j >= n - 8)) or (i >= n - 8 and j < 9)
        return finder or 6 in (i, j) or (i in alignment and j in alignment)

    bits = ""
    for turn, right in enumerate([*range(n - 1, 6, -2), 5, 3, 1]):
        for i in range(n) if turn % 2 else range(n - 1, -1, -1):
            bits += "".join(str(int(cells[i][j] ^ mask(i, j))) for j in (right, right - 1) if not function(i, j))
    assert bits[:4] == "0100"  # bytes
    count = int(bits[4:12], 2)
    return bytes(int(bits[12 + 8 * k : 20 + 8 * k], 2) for k in range(count)).decode()


@pytest.mark.parametrize(
    "link",
    [
        "https://school.example/pooling?lock=all",
        "http://localhost:8501/convolution?op=transposed&lock=x.w.stride",
        "https://a.example/channels?present=1&hide=all",
    ],
)
def test_a_reader_finds_the_link_in_its_code(link: str) -> None:
    cells = modules(qr_code(link))
    rim = [*cells[:4], *cells[-4:], *(row[:4] + row[-4:] for row in cells)]
    assert not any(map(any, rim))  # the quiet zone
    assert read_code([row[4:-4] for row in cells[4:-4]]) == link


def test_the_code_is_dark_on_white_in_every_theme() -> None:
    svg = qr_code("https://school.example/pooling")
    assert re.findall(r'(?:fill|stroke)="([^"]+)"', svg) == ["#fff", "#000"]


def test_a_link_that_no_code_holds_gets_a_sentence() -> None:
    assert qr_code("https://a.example/?" + "x" * (MAX_BYTES - 19)).startswith("<svg")
    with refused("2,954", "2,953"):
        qr_code("https://a.example/?" + "x" * (MAX_BYTES - 18))


def asked(app: AppTest, page: str, link: Any) -> dict[str, Any]:
    """What the dialog of the page is given when the browser has sent a link."""
    states = app._tree.get_widget_states()
    id_ = component(app, f"{page}_share").proto.id
    states.widgets.append(WidgetState(id=id_, json_value=json.dumps({"link": link})))
    app._run(states)
    assert not app.exception
    return given(app, f"{page}_share")


def test_a_long_link_comes_with_its_text_and_a_short_one_without() -> None:
    text = "nn.Sequential(nn.Flatten(), nn.Linear(784, 10))  # \u3000\r\n"
    app = run("pages/shapes.py", network="own_text", text=text)
    address = "https://a.example/shapes?"
    long = asked(app, "shapes", address + "x" * (LONG + 1 - len(address)))
    assert long["text"] == text and long["code"] == "" and "7,501" in long["why"] and f"{LONG:,}" in long["why"]
    exact = asked(app, "shapes", address + "x" * (LONG - len(address)))
    assert exact["text"] == "" and exact["code"] == "" and "7,500" in exact["why"] and f"{MAX_BYTES:,}" in exact["why"]
    short = asked(app, "shapes", address)
    assert short["text"] == "" and short["code"] and short["why"] == ""


@pytest.mark.parametrize("page", ["shapes", "pooling"])
def test_a_link_that_is_long_by_other_settings_offers_no_file(page: str) -> None:
    long = asked(run(f"pages/{page}.py"), page, "https://a.example/?" + "x" * LONG)
    assert long["text"] == "" and f"{LONG:,}" in long["why"]


@pytest.mark.parametrize(
    "link", ["", None, 7, ["x"], "https://a.example/?x=" + "y" * 99999, "<script>alert(1)</script>"]
)
def test_whatever_asks_for_a_code_gets_one_or_a_sentence(link: Any) -> None:
    shown = asked(run("pages/pooling.py"), "pooling", link)
    assert "<script" not in shown["code"] and bool(shown["code"] or shown["why"]) == (link != "" and type(link) is str)
