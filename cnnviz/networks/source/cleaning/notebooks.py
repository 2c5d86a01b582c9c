"""The code of a notebook file (.ipynb): the sources of its code cells, one after the other."""

import json
from typing import Any

from cnnviz.networks.notation import NotationError


def cells(text: str) -> list[str] | None:
    """The sources of the code cells; None where the text is no notebook. Raises NotationError for one that is cut
    off, has no code, or is built otherwise than notebooks are."""
    if not text.lstrip("\ufeff \t\r\n").startswith("{") or '"cells"' not in text:
        return None
    try:
        found = json.loads(text.lstrip("\ufeff"))
    except json.JSONDecodeError as error:
        if '"cell_type"' not in text:
            return None
        reason = (
            "the notebook file is not whole; bring the .ipynb file as it was saved, or paste the cell with the class"
        )
        raise NotationError(reason, error.lineno, error.colno) from None
    except (RecursionError, ValueError):
        raise NotationError("this is nested deeper than a notebook is; paste the cell with the class", 1, 1) from None
    if not isinstance(found, dict) or not any(isinstance(found.get(key), list) for key in ("cells", "worksheets")):
        return None
    sources = [source for cell in _all(found) if (source := _source(cell)) is not None]
    if not sources:
        raise NotationError("the notebook has no code cell; paste one with a class or an nn.Sequential", 1, 1)
    return sources


def _all(found: dict[str, Any]) -> list[Any]:
    """The cells of a notebook, also of format 3, which has them in worksheets."""
    sheets = found.get("worksheets")
    holders = [found, *(sheets if isinstance(sheets, list) else [])]
    lists = [holder.get("cells") for holder in holders if isinstance(holder, dict)]
    return [cell for one in lists if isinstance(one, list) for cell in one]


def _source(cell: Any) -> str | None:
    if not isinstance(cell, dict) or cell.get("cell_type") != "code":
        return None
    source = cell.get("source", cell.get("input"))
    if isinstance(source, list):
        source = "".join(part for part in source if isinstance(part, str))
    return source if isinstance(source, str) else None
