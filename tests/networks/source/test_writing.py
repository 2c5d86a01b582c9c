"""A class that was read, written into a file: it makes the same network, and says nothing that the reader does not
know, also in lines that are never carried out."""

import pytest
import torch

from cnnviz.networks.notation import NotationError
from cnnviz.networks.source import read, written
from tests.networks.source import architectures, hostile
from tests.networks.source.test_architectures import TEXT

HARMLESS = {  # refused by the reader for its own sake, and no way out of a file
    *("inner modules", "inner text", "inner forward", "format width", "percent width", "percent"),
    *("no super", "decorator", "generator", "await"),
}


@pytest.mark.parametrize("name", architectures.NETWORKS)
def test_the_file_makes_the_same_network(name):
    made, shapes = architectures.NETWORKS[name]
    source = read(f"{TEXT}\nmodel = {made}", made.partition("(")[0])
    file = written(source)
    names: dict = {}
    exec("\n".join([*file.imports, file.definitions]), names)
    networks = []
    for make in (lambda: eval(file.network, names), source.build):
        torch.manual_seed(3)
        networks.append(make().eval())
    inputs = [torch.rand(2, *shape) for shape in shapes]
    assert torch.equal(*(network(*inputs) for network in networks))


@pytest.mark.parametrize("name", sorted(hostile.REFUSED.keys() - HARMLESS))
def test_what_is_never_carried_out_is_not_written_either(name):
    """The hostile line stands behind a return, so that the reader never meets it."""
    text = hostile.REFUSED[name].replace(
        "self.fc = nn.Linear(4, 2)\n", "self.fc = nn.Linear(4, 2)\n        if True: return\n"
    )
    text = text.replace("        x.", "        return self.fc(x)\n        x.")
    with pytest.raises(NotationError):
        written(read(text))


def test_names_that_are_put_together_begin_with_letters_that_are_written_there():
    text = hostile.net(init="self.fc1 = nn.Linear(4, 4)", forward='for i in (1,): x = getattr(self, f"fc{i}")(x)')
    assert 'getattr(self, f"fc{i}")' in written(read(text)).definitions.replace("'", '"')
    for name in ('f"{i}fc"', '"_" + "_class__"', '"{}".format("a")', '"__dict__"'):
        hidden = hostile.net(forward=f"return self.fc(x)\ngetattr(self, {name})")
        with pytest.raises(NotationError):
            written(read(hidden))


def test_a_name_of_torch_s_own_does_not_come_in_by_an_attribute_of_the_text():
    for name in ("numpy", "register_hook", "load_state_dict"):
        hidden = hostile.net(init=f"if False: self.{name} = 1", forward=f"return self.fc(x)\nx.{name}('a')")
        with pytest.raises(NotationError):
            written(read(hidden))
