"""Enumerations of a text: classes whose members are their values."""

from collections.abc import Mapping
from typing import Any

from cnnviz.networks.source.values import Class, Function, Opaque

_AUTO = "auto"


def is_enumeration(kind: Class) -> bool:
    """Whether a class comes from Enum, StrEnum and their like."""
    return any(
        isinstance(one, Opaque) and one.name.endswith(("Enum", "Flag")) for own in kind.order() for one in own.bases
    )


def members(kind: Class) -> Mapping[str, Any]:
    """The values of an enumeration, by their names."""
    found = {name: value for one in reversed(kind.order()) for name, value in one.members.items()}
    return {name: one for name, one in found.items() if not isinstance(one, Function) and not name.startswith("_")}


def count(kind: Class) -> None:
    """Gives those members that are auto() their numbers, from 1."""
    for number, (name, value) in enumerate(members(kind).items(), 1):
        if isinstance(value, Opaque) and value.name == _AUTO:
            kind.members[name] = number
