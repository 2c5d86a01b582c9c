"""Classes that are read come to what Python makes of them: the same names, weights and numbers."""

import ast
from pathlib import Path

import pytest
import torch

from cnnviz.networks.source.reading import read
from tests.networks.source import architectures

TEXT = Path(architectures.__file__).read_text(encoding="utf-8").partition("NETWORKS = {")[0]


@pytest.fixture(params=architectures.NETWORKS)
def both(request):
    """The network of Python and the one that is read, made from the same seed, and the shapes of their inputs."""
    made, shapes = architectures.NETWORKS[request.param]
    torch.manual_seed(5)
    expected = eval(made, vars(architectures))
    source = read(f"{TEXT}\nmodel = {made}\nprint(model)", made.partition("(")[0])
    torch.manual_seed(5)
    return expected, source, source.build(), shapes


@pytest.mark.slow
def test_a_class_is_what_python_makes_of_it(both):
    expected, source, found, shapes = both
    ours, theirs = found.state_dict(), expected.state_dict()
    assert list(ours) == list(theirs)
    assert all(torch.equal(ours[name], theirs[name]) for name in theirs)
    assert [name for name, _ in found.named_modules()] == [name for name, _ in expected.named_modules()]
    assert source.parameters == sum(parameter.numel() for parameter in expected.parameters())
    for count, training in ((3, False), (1, False), (4, True)):
        inputs = [torch.rand(count, *shape) for shape in shapes]
        results = []
        for network in (found.train(training), expected.train(training)):
            torch.manual_seed(7)
            results.append(network(*inputs))
        assert torch.equal(*results)
    gradients = [dict(one.named_parameters()) for one in (found, expected)]
    for result in results:
        result.square().sum().backward()
    assert all(
        torch.equal(gradients[0][name].grad, parameter.grad)
        for name, parameter in gradients[1].items()
        if parameter.grad is not None
    )


@pytest.mark.slow
def test_every_class_of_the_file_is_read():
    names = {node.name for node in ast.parse(TEXT).body if isinstance(node, ast.ClassDef)}
    found = {name for name in names if _can_be_chosen(name)}
    assert len(names) > 20 and found == names


def _can_be_chosen(name: str) -> bool:
    source = read(TEXT + f"\nmodel = {name}", name)
    kind = source.program.names[name]
    return kind.base is not None and kind.name == name
