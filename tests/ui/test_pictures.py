"""The routes by which browsers fetch the images of data sets."""

from __future__ import annotations

import asyncio
import io
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from starlette.applications import Starlette

from cnnviz.data import datasets
from cnnviz.training.batches import epoch_order
from cnnviz.ui import pictures
from tests.data.datasets.brought_files import coloured, labels, npz

COUNT = 300


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CNNVIZ_DATA", str(tmp_path))
    monkeypatch.setenv("CNNVIZ_HELPERS", "0")
    arrays = {"x_train": coloured(COUNT), "y_train": labels(COUNT), "x_test": coloured(9, 1), "y_test": labels(9)}
    (tmp_path / "set.npz").write_bytes(npz(arrays))
    return tmp_path


@dataclass(frozen=True)
class Answer:
    status_code: int
    headers: dict[str, str]
    content: bytes


APP = Starlette(routes=pictures.ROUTES)


class Client:
    """Asks the routes, as a server does."""

    def get(self, path: str) -> Answer:
        sent: list[dict[str, Any]] = []

        async def send(message: dict[str, Any]) -> None:
            sent.append(message)

        scope = {"type": "http", "path": path, "method": "GET", "headers": [], "query_string": b"", "root_path": ""}
        asyncio.run(APP(scope, asyncio.Event().wait, send))
        start, *parts = sent
        headers = {name.decode(): value.decode() for name, value in start["headers"]}
        return Answer(start["status"], headers, b"".join(part["body"] for part in parts))


@pytest.fixture
def client() -> Client:
    return Client()


def pixels(content: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(content)))


def images_of(header: str) -> list[tuple[int, int]]:
    return [tuple(map(int, pair.split(":"))) for pair in header.split(",")]  # type: ignore[misc]


@pytest.mark.parametrize("order", ["index", "class", "only-2", "epoch-7-2", "epoch-7-2-64-5"])
def test_the_sheets_of_an_order_have_its_images(client: Client, order: str) -> None:
    own, found = labels(COUNT), []
    number = 0
    while (answer := client.get(f"/{pictures.base('set', 'train', order)}/{number}.png")).status_code == 200:
        images = images_of(answer.headers["x-images"])
        sheet = pixels(answer.content)
        for place, (index, label) in enumerate(images):
            top, left = 8 * (place // pictures.COLUMNS), 8 * (place % pictures.COLUMNS)
            assert label == own[index]
            assert np.array_equal(sheet[top : top + 8, left : left + 8], coloured(COUNT)[index])
        found += [index for index, _ in images]
        number += 1
    shuffled = epoch_order(COUNT, 7, 2).tolist()
    assert (
        found
        == {
            "index": list(range(COUNT)),
            "class": np.argsort(own, kind="stable").tolist(),
            "only-2": list(range(2, COUNT, 3)),
            "epoch-7-2": shuffled,
            "epoch-7-2-64-5": shuffled[256:],
        }[order]
    )


def test_the_order_of_an_epoch_is_that_of_training() -> None:
    from cnnviz.training import TrainConfig, batches
    from cnnviz.training.devices import pick_device

    one = batches.OnDevice(
        datasets.load("set"),
        TrainConfig(dataset="set", network="own text", text="nn.Sequential(nn.Flatten())", seed=7),
        pick_device("cpu"),
    )
    assert one.shuffled().tolist() == pictures.places("set", "train", "epoch-7-1").tolist()
    assert one.shuffled().tolist() == pictures.places("set", "train", "epoch-7-2").tolist()


def test_one_image_comes_pixel_for_pixel(client: Client) -> None:
    answer = client.get(f"/{pictures.base('set', 'test', 'image')}/8.png")
    assert np.array_equal(pixels(answer.content), coloured(9, 1)[8]) and answer.headers["x-images"] == "8:2"


def test_browsers_keep_what_they_have_fetched(client: Client) -> None:
    answer = client.get(f"/{pictures.base('set', 'train', 'index')}/0.png")
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    name = datasets.keep("mine.npz", npz())
    own = client.get(f"/{pictures.base(name, 'train', 'index')}/0.png")
    assert own.status_code == 200 and own.headers["cache-control"].startswith("private")


WRONG = [
    "sets/nothing/0/train/index/0",
    "sets/set/1/train/index/0",
    "sets/set/VERSION/left/index/0",
    "sets/set/VERSION/train/index/3",
    "sets/set/VERSION/train/only-9/0",
    "sets/set/VERSION/train/image/300",
    "sets/set/VERSION/train/upside/0",
    "sets/set/VERSION/train/epoch-7-0/0",
    "sets/set/VERSION/train/epoch-9999999999-1/0",
    "sets/set/VERSION/train/epoch-7-1-64-0/0",
    "sets/set/VERSION/train/epoch-7-1-64-99/0",
    "sets/..%2Fset/VERSION/train/index/0",
]


@pytest.mark.parametrize("path", WRONG)
def test_what_is_not_there_is_not_found(client: Client, path: str) -> None:
    answer = client.get(f"/{path.replace('VERSION', str(datasets.changed('set')))}.png")
    assert answer.status_code == 404 and b"set.npz" not in answer.content


def test_the_preview_has_addresses_too(client: Client) -> None:
    answer = client.get(f"/{pictures.base('cifar10', 'test', 'index')}/1.png")
    assert len(images_of(answer.headers["x-images"])) == 200 - pictures.AT_ONCE
