"""Images of data sets as pictures that browsers fetch and keep: routes for `st.App(routes=...)`, under /sets.

    sets/<name>/<version>/<part>/<order>/<number>.png    so many images from that place on, side by side
    sets/<name>/<version>/<part>/image/<index>.png       one image, pixel for pixel

Which images those are says the header x-images: 'index:label,...'. The version is that of the data set's file, so that
what an address gives never changes. Whoever has the name of a data set may see it; those that readers brought have
names that cannot be guessed.
"""

import re
from functools import partial
from io import BytesIO

import numpy as np
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from cnnviz.data import datasets
from cnnviz.data.byte_cache import ByteCache
from cnnviz.data.datasets import brought, looking
from cnnviz.data.datasets.keras import Arrays

AT_ONCE, COLUMNS = 128, 16  # images of one picture, and in a row of it
LONGEST = 48  # pixels of an image among others
MAX_KEPT, KEPT_ALONE = 32 * 2**20, 2**20  # bytes of pictures, and of orders
MAX_SEED, MAX_EPOCH = 2**31 - 1, 1000
PATIENCE = 20.0  # seconds that an order may take, of which nearly all is waiting
ORDER = re.compile(r"index|class|only-(\d{1,4})|epoch-(\d{1,10})-(\d{1,4})(?:-(\d{1,5})-(\d{1,7}))?|image")

Indices = np.ndarray
_sheets: ByteCache[tuple[bytes, str]] = ByteCache(MAX_KEPT, lambda made: len(made[0]) + len(made[1]), KEPT_ALONE)
_orders: ByteCache[Indices] = ByteCache(MAX_KEPT, lambda order: order.nbytes, KEPT_ALONE)


def base(name: str, part: str, order: str) -> str:
    """Where the pictures of a part of a data set lie, in that order: relative to the app, and without the number of
    one. Raises ValueError where there is no such data set."""
    return f"sets/{name}/{datasets.changed(name)}/{part}/{order}"


def places(name: str, part: str, order: str) -> Indices:
    """The indices of the images of a part in that order: 'index', 'class', 'only-<class>', 'epoch-<seed>-<epoch>', or
    of such an epoch one batch alone, 'epoch-<seed>-<epoch>-<size>-<number>', from 1. Raises ValueError where there is
    no such order, or data set."""
    found = ORDER.fullmatch(order)
    if not found:
        raise ValueError(f"there is no order {order[:40]!r}")
    key = (name, datasets.changed(name), part, order)
    return _orders.get(key, partial(_places, datasets.arrays(name), part, order, found))


def _places(arrays: Arrays, part: str, order: str, found: re.Match[str]) -> Indices:
    labels = arrays[f"y_{part}"].reshape(-1)
    if order == "class":
        return looking.by_class(labels)
    if found[1]:
        return looking.of_class(labels, int(found[1]))
    if found[2]:
        shuffled = _shuffled(len(labels), int(found[2]), int(found[3]))
        if found[4]:
            size, number = int(found[4]), int(found[5])
            return shuffled[(number - 1) * size : number * size] if number else shuffled[:0]
        return shuffled
    return np.arange(len(labels))


def _shuffled(count: int, seed: int, epoch: int) -> Indices:
    """The order of an epoch, as training has it. Raises ValueError where it cannot be had."""
    from cnnviz.server.helpers import Job
    from cnnviz.ui.core import resources

    if seed > MAX_SEED or not 1 <= epoch <= MAX_EPOCH:
        raise ValueError(f"there is no epoch {epoch} of seed {seed}")
    answer = resources.helpers().ask("orders", Job("epoch_order", (count, seed, epoch)))
    if not answer.wait(PATIENCE):
        raise ValueError("the order of that epoch takes too long; ask again")
    order: Indices = answer.value()
    return order


def _picture(request: Request) -> Response:
    """One picture of the wall, or one image."""
    asked = request.path_params
    try:
        content, images = _made(asked["name"], asked["version"], asked["part"], asked["order"], asked["number"])
    except ValueError:
        return Response("There is no such picture.", 404, media_type="text/plain")
    whose = "private" if brought.is_brought(asked["name"]) else "public"
    headers = {"cache-control": f"{whose}, max-age=31536000, immutable", "x-images": images}
    return Response(content, headers=headers, media_type="image/png")


def _made(name: str, version: int, part: str, order: str, number: int) -> tuple[bytes, str]:
    """The PNG and which images it has. Raises ValueError where there is none of that name."""
    if part not in looking.PARTS or version != datasets.changed(name) or datasets.needs_converting(name):
        raise ValueError(f"there is no {part[:20]!r} of that version of {name[:80]!r}")
    key = (name, version, part, order, number)
    return _sheets.get(key, lambda: _make(name, part, order, number))


def _make(name: str, part: str, order: str, number: int) -> tuple[bytes, str]:
    arrays = datasets.arrays(name)
    images, labels = arrays[f"x_{part}"], arrays[f"y_{part}"].reshape(-1)
    if order == "image":
        chosen, columns, longest = np.arange(len(images))[number : number + 1], 1, max(images.shape[1:3])
    else:
        chosen = places(name, part, order)[number * AT_ONCE : (number + 1) * AT_ONCE]
        columns, longest = COLUMNS, LONGEST
    if not len(chosen):
        raise ValueError(f"there is no picture {number} in the order {order}")
    sheet = looking.sheet(images[chosen], columns, longest)
    out = BytesIO()
    sheet.save(out, "PNG", compress_level=1)
    pairs = ",".join(f"{index}:{labels[index]}" for index in chosen.tolist())
    return out.getvalue(), pairs


ROUTES = [Route("/sets/{name}/{version:int}/{part}/{order}/{number:int}.png", _picture)]
