"""The log of a server: Python's own, each logger named by its module below `cnnviz`; docs/log.md has what it says.

Nothing personal is logged: no nickname, no session, no drawing, no name of a file, no text of a network. What a
stranger may have had a part in is logged by its repr, and cut off.
"""

import logging
import os
from collections.abc import Mapping

LEVELS = {"info": logging.INFO, "warning": logging.WARNING, "error": logging.ERROR}
USUAL = "warning"
LINE = "%(asctime)s %(levelname)s %(name)s: %(message)s"

log = logging.getLogger(__name__)
_ours = logging.getLogger("cnnviz")


def configure(environment: Mapping[str, str] = os.environ) -> None:
    """Send the log to the standard error, from the level that CNNVIZ_LOG names on; once in a process.

    Where the process has a handler already, as another application's has, that one is left alone.
    """
    if _ours.handlers or logging.getLogger().handlers:
        return
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter(LINE))
    _ours.addHandler(handler)
    wanted = environment.get("CNNVIZ_LOG", "").strip().lower() or USUAL
    _ours.setLevel(LEVELS.get(wanted, LEVELS[USUAL]))
    if wanted not in LEVELS:
        log.warning("CNNVIZ_LOG = %.40r is none of %s; it is taken for %s", wanted, ", ".join(LEVELS), USUAL)
