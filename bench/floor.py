"""The floor: an app with one component whose rerun only counts. `bench.ui` measures it as a yardstick."""

from cnnviz.ui.core import component
from cnnviz.ui.core.assets import Assets

HTML = '<button id="floor">again</button> <output id="count"></output>'
JS = """
export function mount({ data, parentElement, setStateValue }) {
    parentElement.querySelector("#count").textContent = data.count;
    parentElement.querySelector("#floor").onclick = () => setStateValue("count", data.count + 1);
}
"""

floor = Assets("floor", HTML, css="", main="floor.js", modules=(("floor.js", JS),))
count = component.sent("floor", "count") or 0
component.mount(floor, key="floor", data={"count": count}, default={"count": 0}, on_count_change=lambda: None)
