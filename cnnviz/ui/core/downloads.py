"""Files that are made when somebody asks for them, kept until they have been fetched.

Streamlit refers to such a file from nowhere, and takes it away at the end of the second run of any script of any
session after it was made: in a class whose pages look at their runs twice a second, far away from the server, a
download found nothing any more (404). And what makes it goes when its button is drawn anew, by a name that the browser
learns later: a click that was on its way meanwhile found nobody.
"""

import time
from collections.abc import Callable
from typing import Any

from streamlit.runtime.media_file_manager import MediaFileManager, MediaFileMetadata

KEPT = 60.0  # seconds from the end of the first run after it was made
CLICKED = 10.0  # seconds for which the click on a button is answered that has been drawn anew


def _mark_later(metadata: MediaFileMetadata) -> None:
    """In place of MediaFileMetadata.mark_for_delete: what is marked goes at the end of the next run."""
    since = metadata.__dict__.setdefault("_unnamed_since", time.monotonic())
    metadata._is_marked_for_delete = time.monotonic() - since >= KEPT


def _forget_later(manager: MediaFileManager) -> None:
    """In place of MediaFileManager._remove_orphaned_deferred_callables, under its lock: what makes a file of a button
    goes when no session has had that button for a while."""
    now = time.monotonic()
    shown = {name for of_session in manager._files_by_session_and_coord.values() for name in of_session.values()}
    for name, entry in list(manager._deferred_callables.items()):
        since = entry.setdefault("unnamed_since", now)  # type: ignore[typeddict-item]
        if name in shown:
            del entry["unnamed_since"]  # type: ignore[typeddict-item]
        elif now - since >= CLICKED:
            manager._drop_deferred_id(name)


OURS: dict[tuple[type, str], Callable[..., Any]] = {
    (MediaFileMetadata, "mark_for_delete"): _mark_later,
    (MediaFileManager, "_remove_orphaned_deferred_callables"): _forget_later,
}
