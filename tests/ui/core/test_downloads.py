"""A file that was made for one reader is there until it has been fetched, whatever the others do meanwhile."""

from __future__ import annotations

import pytest
from streamlit.runtime.media_file_manager import MediaFileManager
from streamlit.runtime.media_file_storage import MediaFileStorageError
from streamlit.runtime.memory_media_file_storage import MemoryMediaFileStorage

from cnnviz.ui.core import downloads, inbox


@pytest.fixture
def manager() -> MediaFileManager:
    inbox.install()
    return MediaFileManager(MemoryMediaFileStorage("/media"))


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [100.0]
    monkeypatch.setattr(downloads.time, "monotonic", lambda: now[0])
    return now


def test_it_outlasts_the_runs_of_others_and_goes_after_a_minute(manager: MediaFileManager, clock: list[float]) -> None:
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
    file = manager.read_file(name)
    assert file and file.content == b"weights" and asked == [1]
    clock[0] += downloads.KEPT
    manager.remove_orphaned_files()
    manager.remove_orphaned_files()
    assert manager.read_file(name) is None


def test_a_click_on_its_way_is_answered_though_the_button_was_drawn_anew(
    manager: MediaFileManager, clock: list[float]
) -> None:
    clicked = manager.add_deferred(lambda: b"before", "text/csv", "button")
    drawn = manager.add_deferred(lambda: b"after", "text/csv", "button")
    for _ in range(5):
        manager.remove_orphaned_files()
        clock[0] += 0.9 * downloads.CLICKED / 5
    for name, content in ((clicked, b"before"), (drawn, b"after")):
        file = manager.read_file(manager.execute_deferred(name).rsplit("/", 1)[-1])
        assert file and file.content == content
    clock[0] += downloads.CLICKED
    manager.remove_orphaned_files()
    with pytest.raises(MediaFileStorageError, match="not found"):
        manager.execute_deferred(clicked)
    assert manager.execute_deferred(drawn)


def test_a_button_that_can_be_pressed_no_more_gives_nothing_at_once(manager: MediaFileManager) -> None:
    name = manager.add_deferred(lambda: b"weights", None, "button")
    manager.remove_deferred("button")
    with pytest.raises(MediaFileStorageError, match="not found"):
        manager.execute_deferred(name)
