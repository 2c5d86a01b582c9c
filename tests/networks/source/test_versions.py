"""Versions that a text asks for are those that are installed."""

from importlib.metadata import version as of

import pytest
import torch

from cnnviz.networks.notation import NotationError
from cnnviz.networks.source.reading import read
from tests.networks.source.test_reading import HEAD, text_of

TRUE = [
    "version.parse(torch.__version__) >= version.parse('1.13')",
    "version.parse(torchvision.__version__) > version.parse('0.13.1')",
    "Version(torch.__version__) != Version('1.9.0+cu111')",
    "parse(torch.__version__).major > 1 and parse('0.14.2').release == (0, 14, 2)",
    "parse('1.10') > parse('1.9') and parse('1.10') == parse('1.10.0')",
    "LooseVersion(torch.__version__) >= LooseVersion('1.5.0')",
    "parse_version(torchvision.__version__) >= parse_version('0.9')",
    "packaging.version.parse(torchvision.__version__) >= packaging.version.Version('0.9')",
    "tuple(int(one) for one in torchvision.__version__.split('.')[:2]) >= (0, 3)",
    "installed('torch') == torch.__version__",
    "LooseVersion('1.12.1').version[:2] == [1, 12]",
]
IMPORTS = """
import packaging.version
import torchvision
from packaging import version
from packaging.version import Version, parse
from distutils.version import LooseVersion
from pkg_resources import parse_version
from importlib.metadata import version as installed

"""


@pytest.mark.parametrize("test", TRUE)
def test_a_guard_is_decided_by_what_is_installed(test):
    for condition, width in ((test, 3), (f"not ({test})", 7)):
        init = f"if {condition}:\n    self.fc = nn.Linear(4, 3)\nelse:\n    self.fc = nn.Linear(4, 7)"
        source = read(HEAD + IMPORTS + text_of("return self.fc(x)", init))
        assert source.build()(torch.zeros(2, 4)).shape == (2, width)


def test_the_versions_are_those_of_this_machine():
    text = "head = nn.Linear(3, int(torchvision.__version__.split('.')[1]))\nnet = nn.Sequential(head)\n"
    assert read(HEAD + text).build()[0].out_features == int(of("torchvision").split(".")[1])


@pytest.mark.parametrize("wrong", ["Version('new')", "Version(3)", "Version('1.' * 300)", "installed('numpy')"])
def test_what_is_no_version_is_refused(wrong):
    with pytest.raises(NotationError, match="version"):
        read(HEAD + IMPORTS + text_of("return self.fc(x)", f"self.fc = nn.Linear(4, {wrong}.major)")).weightless()
