"""Enumerations of a text: each member is one object with a name and a value; those of StrEnum and IntEnum, and of a
class that comes from str or int as well, are their values."""

from __future__ import annotations

from typing import Any

from cnnviz.networks.source.values import Class, Function, Instance, Known, Opaque, Shared

_AUTO = "auto"
_PLAIN_VALUES = (str, int, float, type(None))  # of which two that are equal, 1 and True, are one member
_PLAIN = ("IntEnum", "StrEnum", "IntFlag")


class Member(Shared, Instance):  # type: ignore[misc]
    """A member of an enumeration, in all copies of a network the same."""


def is_enumeration(kind: Class) -> bool:
    """Whether a class comes from Enum or its like, also by way of another class."""
    return any(name.endswith(("Enum", "Flag")) for name in _bases(kind))


def _bases(kind: Class) -> set[str]:
    """The names of what is none of the text's among all that a class comes from."""
    return {base.name for one in kind.order() for base in one.bases if isinstance(base, Opaque | Known)}


def made(kind: Class) -> None:
    """Makes the members of a class that is an enumeration, by name; what has the same value is the same member."""
    plain = not _bases(kind).isdisjoint((*_PLAIN, "str", "int"))
    by_value: dict[Any, Any] = {}
    largest = 0
    for name, value in list(kind.members.items()):
        if isinstance(value, Function) or name.startswith("_"):
            continue
        if isinstance(value, Opaque) and value.name == _AUTO:
            value = _next(kind, name, largest)
        if type(value) is int:
            largest = max(largest, value)
        key = value if isinstance(value, _PLAIN_VALUES) else (name,)
        member = by_value.setdefault(key, value if plain else Member(kind, {"name": name, "value": value}))
        kind.members[name] = kind.choices[name] = member


def of_value(kind: Class, value: Any) -> Any:
    """The member of that value, or the member itself. Raises KeyError."""
    for one in kind.choices.values():
        if one is value or (one.fields["value"] if isinstance(one, Member) else one) == value:
            return one
    raise KeyError(value)


def each(kind: Class) -> list[Any]:
    """The members, each once, in their order."""
    return list({id(one): one for one in kind.choices.values()}.values())


def _next(kind: Class, name: str, largest: int) -> Any:
    """What auto() gives: the next number, the next power of two of a Flag, the name in small letters of a StrEnum."""
    bases = _bases(kind)
    if "StrEnum" in bases:
        return name.lower()
    return 1 << largest.bit_length() if bases & {"Flag", "IntFlag"} else largest + 1
