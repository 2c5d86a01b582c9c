"""Settings that come in pairs, for rows and for columns: coupled (one number for both) or apart."""

from dataclasses import replace
from typing import ClassVar, TypeVar

Bounds = tuple[int, int]  # the least and the most


class TwoAxes:
    """Mixin for a frozen dataclass with fields `<name>_h` and `<name>_w` for each of PAIRS, and a flag `per_axis`.

    Where `per_axis` is off, the rows' number counts for both and the columns' stays at its default.
    """

    PAIRS: ClassVar[tuple[str, ...]] = ()
    per_axis: bool

    def pair(self, name: str) -> tuple[int, int]:
        """A setting along (rows, columns)."""
        down = getattr(self, f"{name}_h")
        return down, getattr(self, f"{name}_w") if self.per_axis else down

    def pairs(self, *names: str) -> list[tuple[int, int]]:
        """Several settings, each along (rows, columns)."""
        return [self.pair(name) for name in names]

    def bounds(self, name: str) -> tuple[Bounds, Bounds]:
        """What `name` may be along (rows, columns), the other settings as they are."""
        raise NotImplementedError

    def common_bounds(self, name: str) -> Bounds:
        """What `name` may be along both axes."""
        down, across = self.bounds(name)
        return max(down[0], across[0]), min(down[1], across[1])

    def control_bounds(self, name: str) -> list[Bounds]:
        """What each control of `name` may be set to: one for both axes, or one for each where they are parted."""
        return [*self.bounds(name)] if self.per_axis else [self.common_bounds(name)]


Paired = TypeVar("Paired", bound=TwoAxes)


def couple(settings: Paired, changed: list[str]) -> Paired:
    """Columns start from what the rows have when the axes are parted, and go back to the default when joined."""
    if not settings.per_axis:
        columns = {f"{name}_w": getattr(type(settings), f"{name}_w") for name in settings.PAIRS}
    elif "per_axis" in changed:
        return apart(replace(settings, per_axis=False))  # type: ignore[type-var]
    else:
        return settings
    return replace(settings, **columns)  # type: ignore[type-var]


def apart(settings: Paired) -> Paired:
    """The axes parted, the columns with what counted for them."""
    columns = {f"{name}_w": settings.pair(name)[1] for name in settings.PAIRS}
    return replace(settings, per_axis=True, **columns)  # type: ignore[type-var]


def clamp(settings: Paired, name: str, reason: str) -> tuple[Paired, list[str]]:
    """`name` brought into its bounds along each axis, and a sentence where that changed it."""
    notes = []
    for axis, (low, high) in enumerate(settings.control_bounds(name)):
        value = settings.pair(name)[axis]
        within = max(low, min(high, value))
        if within != value:
            settings = replace(settings, **{f"{name}_{'hw'[axis]}": within})  # type: ignore[type-var]
            notes.append(f"{name.replace('_', ' ').capitalize()} is now {within} instead of {value}: {reason}.")
    return settings, notes
