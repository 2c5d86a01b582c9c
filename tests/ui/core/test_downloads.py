"""A file that was made for one reader is there until it has been fetched, whatever the others do meanwhile."""

from __future__ import annotations

import pytest
from streamlit.runtime.media_file_manager import MediaFileManager
from streamlit.runtime.memory_media_file_storage import MemoryMediaFileStorage

from cnnviz.ui.core import downloads, inbox


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [100.0]
    monkeypatch.setattr(downloads.time, "monotonic", lambda: now[0])
    return now


def test_it_outlasts_the_runs_of_others_and_goes_after_a_minute(clock: list[float]) -> None:
    inbox.install()
    storage = MemoryMediaFileStorage("/media")
    manager = MediaFileManager(storage)
    asked: list[int] = []

    def made() -> bytes:
        asked.append(1)
        return b"weights"

    button = manager.add_deferred(made, "application/octet-stream", "button", "model.safetensors")
    url = manager.execute_deferred(button)
    name = url.rsplit("/", 1)[-1]
    for _ in range(50):
        manager.remove_orphaned_files()
        clock[0] += 1
    assert storage.get_file(name).content == b"weights" and asked == [1]
    clock[0] += downloads.KEPT
    manager.remove_orphaned_files()
    manager.remove_orphaned_files()
    assert manager.read_file(name) is None
