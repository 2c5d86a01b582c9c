"""Enumerations of a text: each member is one object with a name and a value; those of StrEnum and IntEnum, and of a
class that comes from str or int as well, are their values."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from cnnviz.networks.source.values import Class, Function, Instance, Known, Opaque, Shared

_AUTO = "auto"
_PLAIN = ("IntEnum", "StrEnum", "IntFlag")


class Member(Instance, Shared):
    """A member of an enumeration, in all copies of a network the same."""


def is_enumeration(bases: Iterable[Any]) -> bool:
    """Whether a class with those bases is one."""
    return any(isinstance(one, Opaque) and one.name.endswith(("Enum", "Flag")) for one in bases)


def made(kind: Class) -> None:
    """Makes the members of a class that is an enumeration, by name; what has the same value is the same member."""
    plain = any(isinstance(one, Opaque | Known) and one.name in (*_PLAIN, "str", "int") for one in kind.bases)
    by_value: list[tuple[Any, Any]] = []
    for name, value in list(kind.members.items()):
        if isinstance(value, Function) or name.startswith("_"):
            continue
        if isinstance(value, Opaque) and value.name == _AUTO:
            value = _next(kind, name, [one for one, _ in by_value])
        known = next((one for found, one in by_value if type(found) is type(value) and found == value), None)
        if known is None:
            known = value if plain else Member(kind, {"name": name, "value": value})
            by_value.append((value, known))
        kind.members[name] = kind.choices[name] = known


def of_value(kind: Class, value: Any) -> Any:
    """The member of that value, or the member itself. Raises KeyError."""
    for one in kind.choices.values():
        if one is value or (one.fields["value"] if isinstance(one, Member) else one) == value:
            return one
    raise KeyError(value)


def each(kind: Class) -> list[Any]:
    """The members, each once, in their order."""
    return list({id(one): one for one in kind.choices.values()}.values())


def _next(kind: Class, name: str, before: list[Any]) -> Any:
    """What auto() gives: the next number, the next power of two of a Flag, the name in small letters of a StrEnum."""
    bases = {one.name for one in kind.bases if isinstance(one, Opaque)}
    if "StrEnum" in bases:
        return name.lower()
    numbers = [one for one in before if type(one) is int]
    if bases & {"Flag", "IntFlag"}:
        return 1 << max(numbers, default=0).bit_length()
    return max(numbers, default=0) + 1
