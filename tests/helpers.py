"""What the tests of pages share: to open one without a browser, and to take apart what its components were given."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from streamlit.testing.v1 import AppTest

ROOT = Path(__file__).resolve().parents[1]


def opened(page: str = "home", session: Mapping[str, Any] | None = None, /, **query: Any) -> AppTest:
    """Page `page`, opened by a link with that query, in a session that holds `session`."""
    at = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    if page != "home":
        at.switch_page(f"pages/{page}.py")
    at.query_params.update({name: str(value) for name, value in query.items()})
    for key, value in (session or {}).items():
        at.session_state[key] = value
    return ran(at)


def ran(at: AppTest) -> AppTest:
    """The page, run once more without a fault."""
    at.run()
    assert not at.exception, at.exception
    return at


def unpacked(payload: bytes) -> dict[str, Any]:
    """What packed.js makes of the bytes: the values, and each array under its name."""
    length = int.from_bytes(payload[:4], "little")
    data, at = json.loads(payload[4 : 4 + length]), 4 + length
    for name, kind, size in data["arrays"]:
        dtype = {"Uint8Array": np.uint8, "Float32Array": np.float32}[kind]
        data[name] = np.frombuffer(payload, dtype, size, at)
        at += -(-data[name].nbytes // 4) * 4
    assert at == len(payload)
    return dict(data)


def components(at: AppTest) -> list[dict[str, Any]]:
    """What the components of the page were given, in their order."""
    protos = [one.proto for one in at.get("bidi_component")]
    return [unpacked(one.bytes) if one.bytes else json.loads(one.json or "{}") for one in protos]
