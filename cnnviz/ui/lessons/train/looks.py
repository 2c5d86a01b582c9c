"""What the stage shows besides a run: the first steps of the settings, one by one, and pairs of runs that ship."""

import streamlit as st

from cnnviz.data import datasets
from cnnviz.lessons.train.loop import loop
from cnnviz.lessons.train.settings import SHOWN, Train, shown
from cnnviz.runs import recordings
from cnnviz.server.helpers import Job
from cnnviz.training import TrainConfig
from cnnviz.training.pairs import PAIRS
from cnnviz.training.slow import SlowSteps
from cnnviz.ui.core import work
from cnnviz.ui.core.store import Store
from cnnviz.ui.lessons.train import setup
from cnnviz.ui.lessons.train.recorded import recorded
from cnnviz.ui.lessons.train.setup import ANYWHERE
from cnnviz.ui.lessons.train.slow import slow
from cnnviz.ui.shell.page import plain_text

NAMES = dict(zip(SHOWN, ("A run", "One step at a time", "Recorded pairs"), strict=True))


def switch(store: Store[Train]) -> None:
    """What the stage is of."""
    store.widget(
        st.segmented_control,
        "show",
        "Show",
        SHOWN,
        format_func=NAMES.get,
        label_visibility="collapsed",
        width="content",
    )


def one_step(store: Store[Train]) -> None:
    """The first steps of the settings on sixteen pictures; a sentence where they cannot be taken."""
    try:
        config = setup.config(store)
        if config.dataset not in datasets.names():
            raise ValueError(f"{config.dataset} is not on this machine yet")
        asked = Job("slow", (config.to_json(), datasets.changed(config.dataset)))
        steps: SlowSteps | None = work.ask(store.key("steps"), asked, "Taking the steps")
    except ValueError as error:
        st.markdown(plain_text(f"{error}."))
        return
    if steps is None:
        return
    count, batch = len(steps.losses), len(steps.labels)
    st.markdown(
        f"The first {batch} training pictures, {count} times: one batch, and the same in every step. In a run each "
        "step takes the next batch of an order that is shuffled anew in each epoch."
        f"{' Here the weights are fresh ones.' if config.start else ''}"
    )
    slow(store.key(f"slow_{asked.digest[:16]}"), steps, loop(config), _is_plain(config))


def _is_plain(config: TrainConfig) -> bool:
    """Whether a step takes rate times gradient off a weight, and nothing else."""
    return config.optimizer == "sgd" and not config.weight_decay


def pair(store: Store[Train]) -> None:
    """The recorded pairs, and the chosen one."""
    names = {name: one.title for name, one in PAIRS.items()}
    store.widget(st.pills, "pair", "Recorded pairs", list(PAIRS), format_func=names.get, label_visibility="collapsed")
    chosen = PAIRS[store.state.pair]
    st.markdown(chosen.sentence)
    recorded(store.key(f"pair_{chosen.name}"), chosen, recordings.read(chosen.name))
    with st.container(horizontal=True, gap="small"):
        for place, (label, config) in enumerate(zip(chosen.labels, chosen.configs, strict=True)):
            taken = {name: value for name, value in shown(config).items() if name not in ANYWHERE}
            button = f"Take the settings of '{label}'"
            key = store.key(f"take_{place}")
            st.button(button, key=key, on_click=store.change, kwargs={**taken, "show": SHOWN[0]})
