"""What several files of tests of foreign data use."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from cnnviz.data.datasets import foreign
from cnnviz.data.datasets.understood import Choice, Understood

Brought = tuple[dict[str, np.ndarray], Understood]
Bring = Callable[..., Brought]


@pytest.fixture
def bring(tmp_path: Path) -> Bring:
    """Reads a file of that name and content as somebody brings it."""

    def bring(file: str, content: bytes, choice: Choice | None = None) -> Brought:
        (tmp_path / "upload").write_bytes(content)
        return foreign.read(tmp_path / "upload", file, choice, 200 * 2**20)

    return bring
