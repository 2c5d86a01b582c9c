"""What data sets are called on pages."""

from cnnviz.data import datasets
from cnnviz.data.datasets import brought

PRETTY = {"mnist": "MNIST", "fashion_mnist": "Fashion-MNIST", "cifar10": "CIFAR-10", "cifar100": "CIFAR-100"}


def title(name: str) -> str:
    """A data set as it stands in a menu: the names of one's own say nothing."""
    if not brought.is_brought(name):
        return PRETTY.get(name, name)
    try:
        form = datasets.form(name)
    except ValueError:
        return name
    channels, height, width = form.picture
    kind = "Recorded" if brought.is_recorded(name) else "Yours"
    colour = "colour" if channels == 3 else "grey"
    return f"{kind}: {form.classes} classes, {height} × {width} {colour} ({name[4:8]})"
