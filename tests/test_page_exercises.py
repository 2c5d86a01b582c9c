"""The exercises on the pages, without a browser: asked, hidden, judged, counted, revealed, and kept in the link."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from streamlit.testing.v1 import AppTest

ROOT = Path(__file__).resolve().parents[1]


def opened(lesson: str, **query: str) -> AppTest:
    at = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60).switch_page(f"pages/{lesson}.py")
    for key, value in query.items():
        at.query_params[key] = value
    at.run()
    assert not at.exception
    return at


def stage(at: AppTest) -> dict[str, Any]:
    """What the stage was given."""
    sent = [json.loads(one.proto.json or "{}") for one in at.get("bidi_component")]
    return next(data for data in sent if "planes" in data)


def button(at: AppTest, label: str) -> Any:
    return next(one for one in at.button if one.label == label)


def guess(at: AppTest, text: str) -> AppTest:
    at.text_input[0].set_value(text)
    button(at, "Check").click()
    at.run()
    assert not at.exception
    return at


def test_a_link_asks_hides_and_reveals() -> None:
    at = opened("convolution", task="cell")
    assert stage(at)["planes"]["y0"]["values"][3] is None
    assert stage(at)["planes"]["b0"]["values"] == [1]
    guess(at, "9")
    assert "leaves the bias out" in at.info[0].value
    assert stage(at)["planes"]["y0"]["values"][3] is None
    guess(at, " 10.0 ")
    assert "is right" in at.success[0].value
    assert stage(at)["planes"]["y0"]["values"][3] == 10
    assert "1 of 1 right, 0 at the first guess" in at.caption[-1].value or any(
        "1 of 1 right, 0 at the first guess" in one.value for one in at.caption
    )
