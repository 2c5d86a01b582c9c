"""Cuts the previews of data sets that are too large to ship: `python -m checkpoints.preview [NAME ...]`.

Of each set, which has to be at hand or is downloaded, 200 training and 200 test images are kept, without loss. Only
that of CIFAR-10 ships; who has CIFAR-100 makes its own.
"""

import argparse

from cnnviz.data import datasets
from cnnviz.data.datasets import previews

SAYS = "Cuts 200 training and 200 test images, without loss, out of a set that is too large to ship."
EACH = 200
ORIGINS = {
    "cifar10": "Krizhevsky, Learning Multiple Layers of Features from Tiny Images, 2009; its authors state no licence",
    "cifar100": "Krizhevsky, Learning Multiple Layers of Features from Tiny Images, 2009; its authors state no licence",
}


def main() -> None:
    """Writes the previews that were asked for."""
    parser = argparse.ArgumentParser(prog="python -m checkpoints.preview", description=SAYS)
    parser.add_argument("names", nargs="*", metavar="NAME", help="cifar10, where none is named, or cifar100")
    for name in parser.parse_args().names or ["cifar10"]:
        if name not in ORIGINS:
            parser.error(f"there is no preview of {name}; there may be one of {', '.join(ORIGINS)}")
        data = datasets.load(name)
        previews.write(name, datasets.arrays(name), data.mean, data.std, ORIGINS[name], EACH)
        size = sum(path.stat().st_size for path in previews.FOLDER.glob(f"{name}.*"))
        print(f"{name}: {2 * EACH} images, {size:,} bytes in {previews.FOLDER}")


if __name__ == "__main__":
    main()
