"""What all tests share: the samples of long checks, and one look at the installed packages instead of thousands."""

from collections.abc import Iterator
from functools import cache

import pytest

from tests.sampling import (
    pytest_addoption,
    pytest_collection_modifyitems,
    pytest_report_header,
    pytest_terminal_summary,
    tries,
)

__all__ = [
    "pytest_addoption",
    "pytest_collection_modifyitems",
    "pytest_report_header",
    "pytest_terminal_summary",
    "tries",
]


@pytest.fixture(scope="session", autouse=True)
def packages_are_looked_through_once() -> Iterator[None]:
    """Streamlit's AppTest looks for components in every installed package each time that a page is run, which takes
    four times as long as the page. No test installs one."""
    from streamlit.components.v2 import manifest_scanner

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(manifest_scanner, "scan_component_manifests", cache(manifest_scanner.scan_component_manifests))
        yield
