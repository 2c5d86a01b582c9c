"""The names that the command line knows without torch are those of the registries."""

from cnnviz import networks
from cnnviz.data import datasets
from cnnviz.data.datasets import downloads, preprocessing
from cnnviz.networks import names, zoo
from cnnviz.training import experiments
from cnnviz.training.augmentation import AUGMENTATIONS
from cnnviz.training.initialisation import INITIALISATIONS
from cnnviz.training.losses import LOSSES
from cnnviz.training.schedules import SCHEDULES


def test_the_names_are_those_of_the_registries():
    assert names.NETWORKS == tuple(zoo.names())
    assert names.EXPERIMENTS == tuple(experiments.names())
    assert names.SCHEDULES == tuple(SCHEDULES)
    assert names.AUGMENTATIONS == tuple(AUGMENTATIONS)
    assert names.FITS == preprocessing.FITS
    assert names.LOSSES == tuple(LOSSES)
    assert names.INITIALISATIONS == ("default", *INITIALISATIONS)


def test_the_data_sets_are_the_embedded_one_and_the_downloads():
    embedded = [path.stem for path in datasets.EMBEDDED.glob("*.npz")]
    assert names.DATASETS == (*embedded, *downloads.SETS)


def test_a_text_of_ones_own_is_called_the_same_everywhere():
    assert names.OWN_TEXT == networks.OWN_TEXT
    networks.check(names.OWN_TEXT, "nn.Sequential(nn.Flatten(), nn.Linear(784, 10))")
