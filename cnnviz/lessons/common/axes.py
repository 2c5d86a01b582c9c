"""Settings along rows and columns: coupled (one number for both) or apart."""

from dataclasses import replace
from typing import TypeVar

from cnnviz.links import Axes

Bounds = tuple[int, int]  # the least and the most


class TwoAxes:
    """Mixin for settings with `Axes` among them and a flag `per_axis`: where that is off, one number counts for both
    axes."""

    per_axis: bool

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


def couple(settings: Paired) -> Paired:
    """The rows' number for both axes, unless they are parted."""
    if settings.per_axis:
        return settings
    both = {name: Axes(one.h, one.h) for name, one in vars(settings).items() if isinstance(one, Axes)}
    return replace(settings, **both)  # type: ignore[type-var]


def clamp(settings: Paired, name: str, reason: str) -> tuple[Paired, list[str]]:
    """`name` brought into its bounds along each axis, and a sentence where that changed it."""
    value: Axes = getattr(settings, name)
    within = [max(low, min(high, one)) for one, (low, high) in zip(value, settings.control_bounds(name), strict=False)]
    notes = [
        f"{name.replace('_', ' ').capitalize()} is now {now} instead of {one}: {reason}."
        for one, now in zip(value, within, strict=False)
        if now != one
    ]
    return replace(settings, **{name: Axes(within[0], within[-1])}), notes  # type: ignore[type-var]
