"""What tests share: pages without a browser, and what their components were given; waiting for a state; workers that
end with their test; a refusal and what it names."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from cnnviz.data import datasets
from cnnviz.server.scheduler import Scheduler
from cnnviz.ui.components import stage

ROOT = Path(__file__).resolve().parents[1]
PATIENCE = 600  # seconds for what takes one or two: a busy machine may take long, and no test is about that


def opened(page: str = "home", session: Mapping[str, Any] | None = None, /, **query: Any) -> AppTest:
    """Page `page`, opened by a link with that query, in a session that holds `session`."""
    at = AppTest.from_file(str(ROOT / "home.py"), default_timeout=PATIENCE)
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
        dtype = {"Uint8Array": np.uint8, "Int32Array": np.int32, "Float32Array": np.float32}[kind]
        data[name] = np.frombuffer(payload, dtype, size, at)
        at += -(-data[name].nbytes // 4) * 4
    assert at == len(payload)
    return dict(data)


def components(at: AppTest) -> list[dict[str, Any]]:
    """What the components of the page were given, in their order."""
    protos = [one.proto for one in at.get("bidi_component")]
    return [unpacked(one.bytes) if one.bytes else json.loads(one.json or "{}") for one in protos]


def whole_stage(data: dict[str, Any]) -> dict[str, Any]:
    """What a stage was given, with what it leaves out because it is usual."""
    planes = {
        name: {**stage.PLANE, "core": [0, 0, plane["rows"], plane["cols"]], **plane}
        for name, plane in data["planes"].items()
    }
    return {**data, "planes": planes, "outputs": [{**stage.OUTPUT, **output} for output in data.get("outputs", [])]}


def wait(condition: Callable[[], object]) -> None:
    """Returns once the condition holds."""
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)


@contextmanager
def ending(pool: Scheduler) -> Iterator[Scheduler]:
    """Workers, here or in a cluster, that end with the block, whatever they are at then."""
    try:
        yield pool
    finally:
        for run_id in pool.running():
            pool.stop(run_id)
        closing = Thread(target=pool.close)
        closing.start()
        while closing.is_alive():
            for executor in pool._executors:
                if process := getattr(executor, "_process", None):  # a worker of this machine, that there is by now
                    process.kill()
            closing.join(0.1)


def program(folder: Path, script: str) -> str:
    """A program of that text, to be started in place of Python (sys.executable) where a process is to be a light one, a
    dull one or none."""
    path = folder / "python"
    path.write_text(script)
    path.chmod(0o755)
    return str(path)


def write_few(folder: Path) -> str:
    """The name of a data set that is put into the folder: 200 digits to train on and 50 to test with, so that a run on
    it takes a moment."""
    mnist = datasets.load("mnist")
    arrays = {"x_train": mnist.x_train[:200, 0], "y_train": mnist.y_train[:200]}
    arrays |= {"x_test": mnist.x_test[:50, 0], "y_test": mnist.y_test[:50]}
    folder.mkdir(exist_ok=True)
    np.savez(folder / "few.npz", **{name: tensor.numpy() for name, tensor in arrays.items()})
    return "few"


def names(sentence: str, *values: object) -> bool:
    """Whether a sentence names each of these values, a number as a whole one; how it is put stands in the golden
    file."""
    plain, wanted = sentence.replace("\\", ""), [str(value).replace("\\", "") for value in values]
    return all(re.search(rf"(?<![\w.]){re.escape(value)}(?!\w|\.\d)", plain) for value in wanted)


@contextmanager
def refused(*values: object, kind: type[ValueError] = ValueError) -> Iterator[pytest.ExceptionInfo[ValueError]]:
    """The block is refused in one sentence, which names these values."""
    with pytest.raises(kind) as caught:
        yield caught
    told = str(caught.value)
    assert "\n" not in told and names(told, *values), f"{told!r} should name {values}"
