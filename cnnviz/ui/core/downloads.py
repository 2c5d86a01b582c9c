"""Files that are made when somebody asks for them, kept until they have been fetched.

Streamlit refers to such a file from nowhere, and takes it away at the end of the second run of any script of any
session after it was made: in a class whose pages look at their runs twice a second, far away from the server, a
download found nothing any more (404).
"""

import time
from collections.abc import Callable
from typing import Any

from streamlit.runtime.media_file_manager import MediaFileMetadata

KEPT = 60.0  # seconds from the end of the first run after it was made


def _mark_later(metadata: MediaFileMetadata) -> None:
    """In place of MediaFileMetadata.mark_for_delete: what is marked goes at the end of the next run."""
    since = metadata.__dict__.setdefault("_unnamed_since", time.monotonic())
    metadata._is_marked_for_delete = time.monotonic() - since >= KEPT


OURS: dict[tuple[type, str], Callable[..., Any]] = {(MediaFileMetadata, "mark_for_delete"): _mark_later}
