"""The command `cnnviz`, and python -m cnnviz: see cnnviz/cli.py."""

import os
import sys

TRAINS = {"train", "worker"}  # also `bench train`
SPINS = "10000"  # some 20 microseconds


def run() -> int:
    """The command line. In a process that trains, torch's threads wait a moment before they sleep (see
    cnnviz/__init__.py): a step of LeNet-5 is over a third sooner, also beside other processes. The app's own process
    has predictions to make, which take three times as long by it where a core is busy."""
    if TRAINS & set(sys.argv[1:3]):
        os.environ.setdefault("GOMP_SPINCOUNT", SPINS)
    from cnnviz.cli import main  # its commands load torch, which reads the environment then

    return main()


if __name__ == "__main__":
    sys.exit(run())
