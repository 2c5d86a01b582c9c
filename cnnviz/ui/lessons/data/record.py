from cnnviz.lessons.data.settings import Data
from cnnviz.ui.core.store import Store


def record(store: Store[Data]) -> None: ...
