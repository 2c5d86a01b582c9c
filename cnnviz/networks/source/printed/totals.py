"""How many parameters a network has by what stands beside its print: Total params: 34,726."""

import re
from collections.abc import Iterator

from cnnviz.networks.source.printed.layers import Count

_LONGEST = 200  # characters of a line that is looked at
_NUMBER = re.compile(r"(?<![\w.,])\d{1,3}(?:[,_' ]\d{3})+(?![\w.,]*\d)|(?<![\w.,])\d{1,12}(?![\w]|[.,]\d)")
_WORD = re.compile(r"[A-Za-z]+")
_PARAMETERS = re.compile(r"(?i)params?|parameters?")
_WHOLE = {"total", "number", "num", "all", "count", "has", "have"}
_IN_PART = {"non", "nontrainable", "frozen", "optimizer", "size", "memory", "mb", "bytes", "group", "groups", "layer"}


def total(text: str) -> tuple[int, bool] | None:
    """The parameters that the first line says which names all of them, and whether they are only those that are
    trained; None where none does."""
    for line in text.split("\n"):
        if len(line) > _LONGEST or _PARAMETERS.search(line) is None:
            continue
        words = {word.lower() for word in _WORD.findall(line.replace("_", " "))}
        numbers = _NUMBER.findall(line)
        if len(numbers) == 1 and words & _WHOLE and not words & _IN_PART:
            return int(re.sub(r"\D", "", numbers[0])), "trainable" in words
    return None


def differs(around: str, count: Count, is_class: bool) -> Iterator[str]:
    """A sentence where what stands around a print has another number of parameters than its layers. Of layers that are
    not known it says nothing."""
    said, trained = total(around) or (count.parameters, False)
    if said == count.parameters or count.unknown or (trained and said < count.parameters):
        return
    what = "rows are missing, or the class has parameters of its own" if is_class else "some are missing"
    yield (
        f"The rows have {count.parameters:,} parameters together, and the text says {said:,} in all: {what}; "
        "paste all that print shows."
    )
