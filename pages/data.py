"""Data: what a network learns from, image by image; a data set of one's own, brought or recorded."""

from cnnviz.lessons.data.settings import Data
from cnnviz.ui.core.store import Store
from cnnviz.ui.lessons import downloading
from cnnviz.ui.lessons.data import bring, looked, record, views
from cnnviz.ui.lessons.lesson_page import lesson_page
from cnnviz.ui.shell.page import notes


@lesson_page("data", Data)
def look(store: Store[Data]) -> None:
    looked.strip(store)
    if store.state.view == "bring":
        notes(store)
        bring.bring(store)
        return
    if store.state.view == "record":
        notes(store)
        record.record(store)
        return
    downloading.offer(store, store.state.dataset)
    one = looked.looked_at(store)
    if one is None:
        notes(store)
        return
    looked.about(store, one)
    views.DRAWN[store.state.view](store, one)
    bring.actions(store, one.name)
