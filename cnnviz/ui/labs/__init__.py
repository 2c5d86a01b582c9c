"""Labs: lessons that are one HTML file each and need no server, with an index of them.

`make labs` writes them as a static site, and the app serves the same under /labs.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from functools import cache
from html import escape
from pathlib import Path
from string import Template
from typing import Any

import numpy as np

from cnnviz import lessons, links
from cnnviz.lessons.channels import text as channels_text
from cnnviz.lessons.channels.settings import MAX_CHANNELS, Channels
from cnnviz.lessons.convolution.settings import Convolution
from cnnviz.lessons.pooling import text as pooling_text
from cnnviz.lessons.pooling.settings import Pool
from cnnviz.links.fields import write_grid
from cnnviz.ui.components import lab, stage
from cnnviz.ui.core import theme
from cnnviz.ui.core.store import Store
from cnnviz.ui.lessons.channels.scene import scene as channels_scene
from cnnviz.ui.lessons.convolution.scene import scene as convolution_scene
from cnnviz.ui.lessons.pooling.scene import scene as pooling_scene

INDEX = Path(__file__).with_name("index.html")
HOME = "index.html"
OWN = "A lab works in the browser alone: save this page, and it works without a network, too."

Settings = Convolution | Channels | Pool
Values = Mapping[str, Any]

# by slug: the settings, their scene, and what is ready-made
LABS: dict[str, tuple[type[Any], Callable[..., stage.Scene], Mapping[str, Values]]] = {
    "convolution": (Convolution, convolution_scene, {}),
    "channels": (Channels, channels_scene, channels_text.PRESETS),
    "pooling": (Pool, pooling_scene, pooling_text.PRESETS),
}


@cache
def pages(app: str) -> Mapping[str, str]:
    """The site: HTML by file name. `app` is the address of the app that links lead to; "" for a site without one."""
    return {HOME: _index(app), **{f"{slug}.html": _lab(slug, app) for slug in LABS}}


def write(folder: Path, app: str = "") -> list[Path]:
    """Write the site into `folder`; what it has written."""
    folder.mkdir(parents=True, exist_ok=True)
    files = []
    for name, html in pages(app).items():
        (folder / name).write_text(html, encoding="utf-8")
        files.append(folder / name)
    return files


def _lab(slug: str, app: str) -> str:
    """The lab of a lesson, as it opens."""
    kind, _, presets = LABS[slug]
    settings, store = kind(), Store(slug, kind())
    challenges = {
        label: lab.Challenge(sentence, _stage(slug, replace(settings, **values)))
        for label, (sentence, values) in lessons.find(slug).challenges.items()
    }
    around = lab.Lab(
        stage.lab_of(store, _scene(slug, settings)).controls,
        presets={label: _stage(slug, replace(settings, **values)) for label, values in presets.items()},
        challenges=challenges,
        page=f"{app}/{slug}" if app else "",
        index=HOME,
    )
    return lab.document(_stage(slug, settings), around, lessons.find(slug).title, [lessons.find(slug).blurb, OWN])


def _scene(slug: str, settings: Settings) -> stage.Scene:
    return LABS[slug][1](settings, settings.compute())


def _stage(slug: str, settings: Settings) -> dict[str, Any]:
    """What a stage shows of settings that are possible as they are."""
    settings = settings.validated([])[0]
    data = stage.for_file(stage.scene_data(Store(slug, settings), _scene(slug, settings)))
    return {**data, "link": asdict(lab.Link(_query(settings), _grids(settings)))}


def _query(settings: Settings) -> dict[str, str]:
    """The settings in a link; those that a menu of the lab changes even where they are as usual."""
    query = links.encode(settings)
    if isinstance(settings, Pool) and settings.reach == "global":
        return {**query, "reach": "adaptive"}  # the same to one cell, which the lab lets grow
    return {"op": settings.op, "mode": settings.mode, **query} if isinstance(settings, Convolution) else query


def _grids(settings: Settings) -> dict[str, Sequence[str]]:
    """By setting, the planes of its grids; a grid that no plane shows is written out."""
    if isinstance(settings, Pool):
        return {"x": ["x0"]}
    if isinstance(settings, Convolution):
        return {"x": ["x0"], "w": ["w0"], "b": ["b0"]}
    shown = {(f, c): f"w{f}_{c}" for f in range(settings.filters) for c in settings.sources(f)}
    places = [divmod(place, MAX_CHANNELS) for place in range(len(settings.w))]
    return {
        "x": [f"x{c}" if c < settings.channels else write_grid(grid) for c, grid in enumerate(settings.x)],
        "w": [shown.get(place, write_grid(grid)) for place, grid in zip(places, settings.w, strict=True)],
        "b": [f"b{f}" if f < settings.filters else write_grid(grid) for f, grid in enumerate(settings.b)],
    }


# --- the index


def _index(app: str) -> str:
    """A card for each lab, with a picture of what it opens with."""
    cards = "\n".join(_card(slug) for slug in LABS)
    way = f'<p><a href="{escape(app)}/">cnnviz, with everything else</a></p>' if app else ""
    colours = {mode: theme.variables(mode) for mode in ("light", "dark")}
    return Template(INDEX.read_text(encoding="utf-8")).substitute(cards=cards, app=way, own=escape(OWN), **colours)


def _card(slug: str) -> str:
    lesson = lessons.find(slug)
    planes = _scene(slug, LABS[slug][0]()).planes
    first = {plane.role: plane for plane in reversed(planes) if plane.role != "bias"}
    pictures = "".join(_picture(first[role]) for role in ("input", "kernel", "output") if role in first)
    return (
        f'<a class="card" href="{slug}.html"><span class="grids">{pictures}</span>'
        f"<b>{escape(lesson.title)}</b><span>{escape(lesson.blurb)}</span></a>"
    )


def _picture(plane: stage.Plane) -> str:
    """A small grid in the colour of its role: the larger a number, the stronger."""
    rows, cols = plane.values.shape
    most = max(float(np.abs(plane.values).max()), 1e-12)
    cells = "".join(
        f'<rect x="{col}" y="{row}" width="1" height="1" fill-opacity="{abs(float(value)) / most:.2f}"/>'
        for (row, col), value in np.ndenumerate(plane.values)
    )
    return (
        f'<svg viewBox="0 0 {cols} {rows}" width="{9 * cols}" height="{9 * rows}" fill="{theme.ROLES[plane.role]}"'
        f' aria-hidden="true">{cells}</svg>'
    )
