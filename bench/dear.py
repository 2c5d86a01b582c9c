"""The dearest requests that one visitor of the app was found to make, to be sent again. `PREPARED` has them by name:
each makes, for a number, what is to be sent (the same work, but nothing that a server may have kept of another
number), and gives a function that sends it and tells what the page said.

What is written into the folders of the server, CNNVIZ_RUNS and CNNVIZ_DATA, is as an older version would have left it.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Awaitable, Callable
from urllib.parse import urlencode

import numpy as np
import torch
from PIL import Image
from websockets.exceptions import ConnectionClosed

from bench.session import Session, session
from bench.uploads import bring
from cnnviz import runs
from cnnviz.data import datasets
from cnnviz.data.datasets import DataSet
from cnnviz.inference import checkpoints
from cnnviz.networks import OWN_TEXT, notation
from cnnviz.training import TrainConfig
from harness.server import Server

Send = Callable[[Server], Awaitable[str]]

LONGEST = 400  # seconds that a page may take for a file that is brought
WORDS = 260  # letters of what a page said
MESSAGE = 1_900_000  # bytes: just below what a message may have


# --- what pages say


def _words(one: Session, otherwise: str) -> str:
    """What the page says, in one line; `otherwise` where it says nothing."""
    said = " ".join(" ".join(alert.replace("\\", "").replace("\N{WORD JOINER}", "").split()) for alert in one.alerts)
    problems = " ".join(one.problems)
    said = problems or said or otherwise
    return said if len(said) <= WORDS else f"{said[:WORDS]} ..."


async def _visited(server: Server, page: str, otherwise: str, **query: str) -> str:
    """What a page says to a visit."""
    async with session(server.url) as one:
        await one.visit(page, urlencode(query))
        await one.settle(LONGEST)
        return _words(one, otherwise)


async def _brought(server: Server, name: str, content: bytes) -> str:
    """What Data says to a data set that is brought."""
    async with session(server.url) as one:
        await one.visit("data", "view=bring")
        await bring(one, server.url, "data_upload_0", name, content)
        await one.settle(LONGEST)
        return _words(one, "It is understood, and can be kept.")


async def _sent(server: Server, text: str) -> str:
    """What becomes of a message to the stage of Convolution, which has that text for its state."""
    async with session(server.url) as one:
        await one.visit("convolution")
        try:
            await one.send("convolution_stage", json_value=text)
        except ConnectionClosed as error:
            return f"{len(text) / 1e6:.1f} MB: the connection is ended ({error.rcvd.code if error.rcvd else 'cut'})."
        return f"{len(text) / 1e6:.1f} MB: {_words(one, 'nothing of it is taken, the page is as before.')}"


# --- files


def _digits(count: int, side: int, seed: int) -> dict[str, np.ndarray]:
    """A small data set."""
    pixels = np.random.default_rng(seed)
    return {
        "x_train": pixels.integers(0, 256, (count, side, side), dtype=np.uint8),
        "y_train": np.arange(count) % 3,
        "x_test": pixels.integers(0, 256, (count, side, side), dtype=np.uint8),
        "y_test": np.arange(count) % 3,
    }


def _npz(arrays: dict[str, np.ndarray], **members: bytes) -> bytes:
    """An .npz of these arrays, and of members that are taken as they are."""
    out = io.BytesIO()
    np.savez_compressed(out, **arrays)  # type: ignore[arg-type]  # numpy means its own keyword
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(f"{name}.npy", content)
    return out.getvalue()


def _items_of_no_bytes(number: int) -> Send:
    """An array of names that have no letters, twenty million of them."""
    head = f"{{'descr': '|S0', 'fortran_order': False, 'shape': ({20_000_000 + number},), }}\n".encode()
    names = b"\x93NUMPY\x01\x00" + len(head).to_bytes(2, "little") + head
    content = _npz(_digits(12, 8, number), classes=names)
    return lambda server: _brought(server, "own.npz", content)


def _pictures(file: str, picture: bytes, count: int, number: int) -> Send:
    """A zip of two class folders with the same picture again and again."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for index in range(count):
            archive.writestr(f"{('cat', 'dog')[index % 2]}/{number}-{index}.png", picture)
    content = out.getvalue()
    return lambda server: _brought(server, file, content)


def _png(width: int, height: int) -> bytes:
    out = io.BytesIO()
    Image.new("L", (width, height)).save(out, "PNG")
    return out.getvalue()


def _huge_pictures(number: int) -> Send:
    return _pictures("huge.zip", _png(5000, 5000 - number), 1500, number)


def _tiny_pictures(number: int) -> Send:
    return _pictures("tiny.zip", _png(8, 8 + number), 100_000, number)


def _pictures_of_one_pixel(number: int) -> Send:
    """200,000 of them and a thousand classes: brought as a file, and evaluated where an older version has taken it."""
    count, name = 200_000 + number, f"pixels{number}"
    arrays = {"x_train": np.zeros((1000, 1, 1), np.uint8), "y_train": np.arange(1000)}
    arrays |= {"x_test": np.zeros((count, 1, 1), np.uint8), "y_test": np.arange(count) % 1000}
    content = _npz(arrays)
    datasets.data_folder().mkdir(parents=True, exist_ok=True)
    (datasets.data_folder() / f"{name}.npz").write_bytes(content)
    empty, classes = torch.zeros((1, 1, 1, 1), dtype=torch.uint8), tuple(map(str, range(1000)))
    data = DataSet(name, empty, torch.zeros(1).long(), empty, torch.zeros(1).long(), classes, (0.5,), (0.5,))
    run = _run("nn.Sequential(nn.Flatten(), nn.Linear(1, 1000))", data)

    async def send(server: Server) -> str:
        kept = await _brought(server, "own.npz", content)
        return f"{kept} {await _visited(server, 'evaluate', 'It is evaluated.', network=run)}"

    return send


# --- texts


def _run(text: str, data: DataSet) -> str:
    """The name of a run of that network, as it is before its first step."""
    run = runs.create(TrainConfig(network=OWN_TEXT, text=text, dataset=data.name, device="cpu"))
    card = checkpoints.card_for(OWN_TEXT, data, accuracy=None, epochs=0, seed=0, command="", text=text)
    checkpoints.save(run.weights, notation.parse(text).build(), card)
    return run.id


def _wide(channels: int) -> str:
    """A text of few weights and many activations."""
    nothing = ", ".join(["nn.ReLU()"] * 12)
    return (
        f"nn.Sequential(nn.Conv2d(1, {channels}, 1), {nothing}, nn.Conv2d({channels}, 1, 1), nn.Flatten(), "
        "nn.Linear(784, 10))"
    )


def _wide_inside(number: int) -> Send:
    run = _run(_wide(65_536 - number), datasets.load("mnist"))
    return lambda server: _visited(server, "inside", "It is shown.", network=run)


def _wide_evaluated(number: int) -> Send:
    run = _run(_wide(1024 + number), datasets.load("mnist"))
    return lambda server: _visited(server, "evaluate", "It is evaluated.", network=run)


def _heavy_inside(number: int) -> Send:
    """Nearly 100 million weights."""
    side = 9200 - number
    text = f"nn.Sequential(nn.Flatten(), nn.Linear(784, 10000), nn.Linear(10000, {side}), nn.Linear({side}, 10))"
    run = _run(text, datasets.load("mnist"))
    return lambda server: _visited(server, "inside", "It is shown.", network=run)


def _fixes(number: int) -> Send:
    """200 convolutions, each of which is given 8 channels for 3: what mends them, for ten sizes of input."""
    query = {"network": "own_text", "channels": "3", "height": str(40 + 100 * number), "width": "40"}
    query["text"] = f"nn.Sequential({', '.join(['nn.Conv2d(3,8,3,1,1)'] * 200)})"

    async def send(server: Server) -> str:
        async with session(server.url) as one:
            await one.visit("shapes", urlencode(query))
            for size in range(10):
                await one.send("shapes_height", double_value=41.0 + 100 * number + size)
                await one.settle()
                said = one.shown("shapes_diagram")["said"]
                await one.send("shapes_diagram", json_value=json.dumps({"rested": said}))
                await one.settle()
            offered = sum("shapes_remedy" in widget for widget in one.widgets)
            return _words(one, f"{offered} fixes are offered; {said}")

    return send


# --- messages


def _objects(number: int) -> Send:
    """An empty object or list for an edit, again and again, in 18 MB and in as much as a message may have."""

    async def send(server: Server) -> str:
        said = []
        for nothing, letters in (("{}", 18_000_000), ("[]", 18_000_000), ("{}", MESSAGE), ("[]", MESSAGE)):
            edits = ",".join([nothing] * (letters // 3 - number))
            said.append(await _sent(server, f'{{"edits": [{edits}]}}'))
        return " ".join(said)

    return send


def _edits(number: int) -> Send:
    """150,000 edits, and as many as a message may have."""

    def text(count: int) -> str:
        cell = {"seq": 1, "kind": "cell", "plane": "x0", "row": 0, "col": 0, "text": str(number)}
        return json.dumps({"edits": [{**cell, "seq": seq} for seq in range(1, count + 1)]})

    large, small = text(150_000), text(MESSAGE // 90)

    async def send(server: Server) -> str:
        return f"{await _sent(server, large)} {await _sent(server, small)}"

    return send


def _codes(number: int) -> Send:
    """Twenty QR codes of links of 2,900 letters."""
    links = [f"http://127.0.0.1/convolution?x={'7_' * 1400}{100 * number + at:060}"[:2900] for at in range(20)]

    async def send(server: Server) -> str:
        async with session(server.url) as one:
            await one.visit("convolution")
            drawn = 0
            for link in links:
                await one.send("convolution_share", json_value=json.dumps({"link": link}))
                drawn += bool(one.shown("convolution_share")["code"])
            return _words(one, f"{drawn} codes are drawn.")

    return send


PREPARED: dict[str, Callable[[int], Send]] = {
    ".npz of 2 kB, 20 million items of no bytes": _items_of_no_bytes,
    "own text of 65,536 channels, one visit of Inside": _wide_inside,
    "own text of 1,024 channels, Evaluate": _wide_evaluated,
    "200,000 pictures of one pixel": _pictures_of_one_pixel,
    "message of 18 MB": _objects,
    "zip of 1,500 PNGs of 25 megapixels (37 MB)": _huge_pictures,
    "run of 100 M parameters, Inside": _heavy_inside,
    "zip of 100,000 tiny PNGs": _tiny_pictures,
    "150,000 edits in one message": _edits,
    "200 convolutions that do not fit, fixes × 10": _fixes,
    "QR codes of 2,900 letters × 20": _codes,
}
