"""Results that nobody takes, and a forward that stands within another method: the notes that say so."""

import pytest

from cnnviz.networks.source.reading import read

NET = """class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 4, 3)
        self.act = nn.ReLU(inplace=True)
        self.norm = nn.BatchNorm2d(4)
        self.seen = []

    def forward(self, image):
        y = self.conv(image)
        {}
        return y
"""
THROWN = {  # a line of a forward, and what is to be written
    "y.reshape(len(y), -1)": "y = y.reshape(len(y), -1)",
    "image.to('cuda')": "image = image.to('cuda')",
    "y.transpose(1, 2).contiguous()": "y = y.transpose(1, 2).contiguous()",
    "torch.sigmoid(y)": "y = torch.sigmoid(y)",
    "torch.cat([y, image], 1)": "y = torch.cat([y, image], 1)",
    "F.max_pool2d(F.relu(y), 2)": "y = F.max_pool2d(F.relu(y), 2)",
    "nn.functional.relu(y, inplace=False)": "y = nn.functional.relu(y, inplace=False)",
    "self.conv(image)": "image = self.conv(image)",
    "y * 2 + image": "y = y * 2 + image",
    "y - self.act(y)": "y = self.act(y)",
    "y == self.act(y)": "y = self.act(y)",
}


def thrown(text):
    return [one for one in read(text).notes if "throws it away" in one]


@pytest.mark.parametrize("line", THROWN)
def test_a_result_that_nobody_takes_is_said_with_what_was_meant(line):
    written = THROWN[line]
    assert thrown(NET.format(line)) == [f"Line 11 computes {line} and throws it away: write {written}."]


FOR_THEIR_EFFECT = [
    *("y.add_(1)", "y.relu_()", "F.relu(y, inplace=True)", "F.relu(y, True)", "self.act(y)", "self.norm(y)"),
    *("print(y.shape)", "self.seen.append(y.mean())", "y.register_hook(lambda grad: None)", "y.retain_grad()"),
    *("y.size()", "torch.manual_seed(0)", "'y.view(-1)'", "self.seen.sort()", "assert y.dim() == 4", "F.relu_(y)"),
    *("y = y.view(-1, 4)", "y[:] = y.flatten(1).mean()", "del image"),
]


@pytest.mark.parametrize("line", FOR_THEIR_EFFECT)
def test_what_is_done_for_its_effect_is_not_thrown_away(line):
    assert thrown(NET.format(line)) == []


def test_it_is_said_of_a_forward_alone_and_a_long_expression_is_cut():
    text = NET.format("y.view(" + ", ".join(["1"] * 40) + ")")
    (note,) = thrown(text)
    assert len(note) < 200 and "..." in note
    assert thrown(NET.format("pass") + "\nx = torch.rand(2, 3)\nx.view(3, 2)\n") == []
    assert (
        thrown(NET.format("pass").replace("def forward", "def step(self, x):\n        x.view(2)\n\n    def forward"))
        == []
    )


NESTED = """class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(4, 2)

        def forward(self, x):
            return self.fc(x)
"""


@pytest.mark.parametrize("above", ["", "Here it is:\n\n```python\n"])
def test_a_forward_within_init_is_said_for_python_does_not_find_it(above):
    found = read(above + NESTED + ("```\n" if above else ""))
    line = 6 + above.count("\n")
    note = (
        f"forward in line {line} is indented into __init__, where torch does not find it (NotImplementedError): it is "
        "read as a method of Net; indent it as __init__ is."
    )
    assert note in found.notes and found.parameters == 10


def test_a_function_that_a_forward_has_within_it_is_no_such_method():
    text = NET.format("\n        def inner(self, y):\n            return y\n        y = inner(self, y)")
    assert not any("is indented into" in one for one in read(text).notes)
