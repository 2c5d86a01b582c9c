"""What a stage leaves out because it is usual, Python and the browser know alike."""

import json
import re

from cnnviz.ui.components import stage
from cnnviz.ui.core import assets


def usual(name: str) -> object:
    """An object of complete.js, read as JSON."""
    source = (assets.UI / "components" / "stage" / "complete.js").read_text(encoding="utf-8")
    found = re.search(rf"const {name} = (\{{.*\}});", source)
    assert found
    return json.loads(re.sub(r"(\w+):", r'"\1":', found[1]))


def test_the_browser_puts_in_what_python_leaves_out() -> None:
    assert usual("PLANE") == stage.PLANE
    assert usual("OUTPUT") == stage.OUTPUT
