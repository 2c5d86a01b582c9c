"""Error messages that are pasted in place of the network that they are about."""

import re

_LONGEST = 300  # characters of a line that is looked at
_MESSAGE = re.compile(
    r"(?:[A-Z]\w{0,40}Error|Traceback \(most recent call last\)):|mat1 and mat2 shapes|size mismatch, m1:"
)
_CODE = re.compile(r"^[ \t]*(?:class|def)[ \t]+\w|\bSequential[ \t]*\(|\bnn\.[A-Z]\w*[ \t]*\(", re.MULTILINE)
_PRODUCT = re.compile(r"\(?\[?(\d{1,9}) ?x ?(\d{1,9})\]?\)?(?: and |, m2: )\(?\[?(\d{1,9}) ?x ?(\d{1,9})\]?\)?")


def said_of(text: str) -> str:
    """A sentence on a text that is an error message without code; '' for any other."""
    lines = [line for line in text.splitlines() if len(line) <= _LONGEST and _MESSAGE.search(line)]
    if not lines or _CODE.search(text):
        return ""
    said = "This is an error message, which has no network in it: paste the class that it is about."
    found = _PRODUCT.search(lines[-1])
    if found is None or found[2] == found[3]:
        return said
    given, wanted, gives = int(found[2]), int(found[3]), int(found[4])
    return (
        f"{said} It says that a linear layer for {wanted:,} features is given {given:,}; nn.Linear({given}, {gives}) "
        "would take them."
    )
