"""A data set as a zip of class folders, which can be brought again: train/cat/00000.png, test/cat/00001.png."""

import io
import re
import zipfile
from collections import Counter
from itertools import count

from PIL import Image

from cnnviz.data.datasets.keras import Arrays
from cnnviz.data.datasets.looking import PARTS


def as_zip(arrays: Arrays) -> bytes:
    """Every image as a PNG in the folder of its class."""
    folders = _folders([str(name) for name in arrays["classes"]])
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for part in PARTS:
            for number, (image, label) in enumerate(
                zip(arrays[f"x_{part}"], arrays[f"y_{part}"].reshape(-1), strict=True)
            ):
                picture = io.BytesIO()
                Image.fromarray(image.squeeze()).save(picture, "PNG")
                archive.writestr(f"{part}/{folders[int(label)]}/{number:05}.png", picture.getvalue())
    return out.getvalue()


def _folders(names: list[str]) -> list[str]:
    """A folder for each class: its name without what a system takes no folder with, and a number where another has it,
    also in other case."""
    plain = [re.sub(r'[\x00-\x1f<>:"/\\|?*]+', "_", name).strip(" .") or f"class {at}" for at, name in enumerate(names)]
    folded = Counter(name.casefold() for name in plain)
    taken = {name for name, times in folded.items() if times == 1}
    found = []
    for at, name in enumerate(plain):
        if folded[name.casefold()] > 1:
            name = next(own for number in count(at) if (own := f"{name} {number}").casefold() not in taken)
            taken.add(name.casefold())
        found.append(name)
    return found
