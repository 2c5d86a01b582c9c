"""What all tests share: samples of the long checks (tests/sampling.py), and an end of whatever they start, which is
checked when they are over (harness/leftovers.py)."""

import gc
import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from cnnviz.server import uncompiled
from harness import leftovers
from tests import sampling
from tests.sampling import pytest_addoption, pytest_collection_modifyitems, pytest_report_header, tries

__all__ = ["pytest_addoption", "pytest_collection_modifyitems", "pytest_report_header", "tries"]


def pytest_configure() -> None:
    """What trains and computes in tests has nobody to stand back for, and beside other work would take a tenth of the
    time that is left; who tries the priorities sets them (tests/server/test_local_workers.py)."""
    leftovers.mark_session()
    uncompiled.leave_out()
    os.environ.setdefault("CNNVIZ_WORKER_PRIORITY", "same")


def pytest_collection_finish() -> None:
    """What is imported by now stays: Python's collector need not look through it again and again, which took a sixth of
    the time of 1,810 of the unit tests (docs/tests.md)."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    leftovers.check(session)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    sampling.say_what_was_left_out(terminalreporter)
    leftovers.report(terminalreporter, config)


@pytest.fixture(scope="session", autouse=True)
def packages_are_looked_through_once() -> Iterator[None]:
    """Streamlit's AppTest looks for components in every installed package each time that a page is run, which takes
    four times as long as the page. No test installs one."""
    from streamlit.components.v2 import manifest_scanner

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(manifest_scanner, "scan_component_manifests", cache(manifest_scanner.scan_component_manifests))
        yield


@pytest.fixture(scope="session", autouse=True)
def pages_compute_here() -> Iterator[None]:
    """AppTest runs the pages in this process, and what helpers compute for a server with them."""
    from cnnviz.ui.core import resources

    with pytest.MonkeyPatch.context() as patch:
        make = resources.Helpers
        patch.setattr(resources, "Helpers", lambda _processes: make(0))
        yield


@pytest.fixture(scope="session", autouse=True)
def workers_of_pages_are_closed() -> Iterator[None]:
    """AppTest runs the pages in this process. A run that is started there has a worker, which loads torch; a look at
    Train, which gets one ready on a server, has none."""
    from cnnviz.ui.core import resources

    started = []

    def workers() -> resources.Workers:
        started.append(make())
        started[-1].warm = lambda: None
        return started[-1]

    with pytest.MonkeyPatch.context() as patch:
        make = resources.Workers
        patch.setattr(resources, "Workers", workers)
        yield
    for one in started:
        one.close()


@pytest.fixture(scope="session")
def first_digits(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an MNIST of which the first 2,000 and 500 images are left."""
    import numpy as np

    from cnnviz.data import datasets

    folder, whole = tmp_path_factory.mktemp("digits"), datasets.load("mnist")
    images = {"x_train": whole.x_train[:2000, 0], "x_test": whole.x_test[:500, 0]}
    labels = {"y_train": whole.y_train[:2000], "y_test": whole.y_test[:500]}
    np.savez(folder / "mnist.npz", **{name: tensor.numpy() for name, tensor in (images | labels).items()})
    return folder


@pytest.fixture
def small_mnist(first_digits: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is trained on "mnist" is measured on 500 images, which takes a twentieth of the time."""
    from cnnviz.data import datasets

    monkeypatch.setattr(datasets, "EMBEDDED", first_digits)
