"""Networks that readers brought, as the menus of Draw, Inside and Evaluate have them."""

from cnnviz.inference import brought
from cnnviz.ui.core import reader

HELP = (
    "A network of your own stands here once its weights are here: paste its text on the page Shapes and bring them "
    "there, below the diagram."
)


def own() -> list[str]:
    """The names of those that are the reader's, the newest first."""
    mine = [one for one in brought.all_kept() if reader.own(one.sessions)]
    return [one.name for one in sorted(mine, key=lambda one: -one.written)]
