import pytest
import torch

from cnnviz import zoo

PARAMETERS = {"lenet5": 61_706, "mnist_cnn": 46_730, "conv_mnist": 60_074, "simple_cnn": 86_910}


@pytest.mark.parametrize("name", PARAMETERS)
def test_published_parameters(name):
    assert sum(p.numel() for p in zoo.build(name).parameters()) == zoo.entry(name).parameters == PARAMETERS[name]


@pytest.mark.parametrize("name", zoo.names())
def test_every_network_runs_on_its_input(name):
    entry = zoo.entry(name)
    assert entry.source and entry.teaches.endswith(".")
    assert entry.build()(torch.zeros(2, *entry.input_shape)).shape == (2, 10)


def test_unknown_name():
    with pytest.raises(ValueError, match=r"'lenet6'.*lenet5"):
        zoo.build("lenet6")
