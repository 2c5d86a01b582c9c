"""'Try this': buttons that set the stage, each with its sentence. One element for all of them, since every element on a
page makes every edit slower."""

from collections.abc import Callable, Mapping, Sequence

from cnnviz.ui.core import assets, component

ASSETS = assets.read(__file__)


def tries(
    key: str,
    stage: str,
    sentences: Mapping[str, str],
    choose: Callable[[str], None],
    disabled: Sequence[str] = (),
    panel: str = "",
) -> None:
    """A button for each label of `sentences`, those in `disabled` out of reach; a click calls `choose(label)` before
    the page runs again, and scrolls the element of key `stage` into sight; by keyboard it goes on in that of key
    `panel`."""

    def take() -> None:
        label = component.sent(key, "chosen")
        if isinstance(label, str) and label in sentences:
            choose(label)

    data = {
        "tries": list(sentences.items()),
        "stage": f"st-key-{stage}",
        "disabled": list(disabled),
        "panel": f"st-key-{panel}" if panel else "",
    }
    component.mount(ASSETS, key=key, data=data, on_chosen_change=take)
