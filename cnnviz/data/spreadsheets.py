"""Tables that a spreadsheet opens: as CSV, and without a cell that it would execute.

Spreadsheets take a cell that begins with =, +, - or @ for a formula, which may send what stands beside it elsewhere
(OWASP, CSV injection: https://owasp.org/www-community/attacks/CSV_Injection); so they do after a semicolon or a tab,
where the reader's settings make these the separator.
"""

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

_FORMULA = re.compile(r"(^|[;\t\r\n])(?=\s*[=+\-@\uff1d\uff0b\uff0d\uff20]|[\t\r\n])")  # wide =, +, - and @, too


def _plain(value: Any) -> Any:
    """A value as a spreadsheet shows it and does not execute it: in a text an apostrophe stands before whatever would
    begin a formula. Numbers stay what they are."""
    return _FORMULA.sub(r"\1'", value) if isinstance(value, str) else value


def plain_rows(rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The rows of a table with plain cells: Streamlit's own tables are saved as they are shown."""
    return [{name: _plain(value) for name, value in row.items()} for row in rows]


def as_csv(columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> str:
    """The rows as CSV (RFC 4180: lines end with CR and LF), a line each; what a row has not is left empty."""
    out = io.StringIO()
    writer = csv.DictWriter(out, columns, restval="")  # with LF alone a CR in a text would go unquoted
    writer.writerow({name: _plain(name) for name in columns})
    writer.writerows(plain_rows(rows))
    return out.getvalue()
