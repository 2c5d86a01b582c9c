"""Scripts that make their network within main()."""

import ast

import pytest

from cnnviz.networks.source import read
from cnnviz.networks.source.unfolding import unfolded
from cnnviz.networks.source.writing import written
from cnnviz.server import following

NET = """
class Net(nn.Module):
    def __init__(self, width=8):
        super().__init__()
        self.conv = nn.Conv2d(3, width, 3)

    def forward(self, x):
        return self.conv(x)

"""
BODIES = {  # of main, whose width is 64, and how it is called
    "an unread line before it": ("    data = fetch()\n    model = Net(width=64)\n", "main()"),
    "an unread line around it": ("    with open('c.yaml') as file:\n        model = Net(64)\n", "main()"),
    "what an argument says": ("    data = fetch()\n    model = Net(n)\n", "main(64)"),
    "what a default says": ("    data = fetch()\n    model = Net(m)\n", "main(3)"),
    "an argument by its name": ("    data = fetch()\n    model = Net(m)\n", "main(1, m=64)"),
    "its end": ("    data = fetch()\n    model = Net(64)\n    return model\n", "sys.exit(main(1))"),
    "an early end that is not taken": (
        "    if n > 9:\n        model = Net(7)\n        return\n    model = Net(64)\n",
        "main()",
    ),
    "an early end": ("    if n < 9:\n        model = Net(64)\n        return\n    model = Net(7)\n", "main()"),
    "another function within": ("    data = fetch()\n    run()\n", "main()"),
    "global": ("    global model\n    data = fetch()\n    model = Net(64)\n", "main()"),
}
RUN = "def run():\n    more = fetch()\n    model = Net(64)\n\n"


@pytest.mark.parametrize("guard", ["", 'if __name__ == "__main__":\n    '])
@pytest.mark.parametrize("name", BODIES)
def test_what_main_makes_is_meant_also_beside_lines_that_are_not_read(name, guard):
    body, call = BODIES[name]
    source = read(f"{NET}{RUN}def main(n=1, m=64):\n{body}\n{guard}{call}\n")
    assert source.chosen.name == "Net" and source.chosen.made
    assert source.parameters == 64 * 27 + 64
    assert source.build().conv.out_channels == 64


ROW = "nn.Sequential(nn.Conv2d(3, 8, 3), nn.Flatten(), nn.Linear({}, 10))"


def test_layers_within_main_have_a_name_are_mended_and_are_written_into_a_file():
    text = (
        f"def build():\n    return {ROW.format(7200)}\n\ndef main():\n    model = build()\n    fit(model)\n\nmain()\n"
    )
    source = read(NET + text)
    assert [one.name for one in source.candidates][:1] == ["model"]
    assert source.parameters == 3 * 8 * 9 + 8 + 7200 * 10 + 10
    wrong = f'def main():\n    model = {ROW.format(10)}\n    fit(model)\n\nif __name__ == "__main__":\n    main()\n'
    first = following.remedies("", wrong, (1, 3, 32, 32), "", (), (), lambda _: None)[0]
    assert first.whole and first.network == wrong.replace("Linear(10, 10)", "Linear(7200, 10)")
    assert written(read(first.network)).definitions == f"model = {ROW.format(7200)}"


@pytest.mark.parametrize(
    "text",
    [
        "n = 9\ndef main():\n    n = 3\n    net = Net(n)\nmain()\n",  # its own n
        "def main(*rest):\n    net = Net(3)\nmain()\n",
        "def main(n):\n    net = Net(n)\nmain(*[3])\n",
        "def main():\n    net = Net(3)\n    yield net\nmain()\n",
        "def main():\n    net = 3\nmain()\n",  # it makes none
        "def main():\n    net = Net(3)\n",  # nobody calls it
        "net = Net(3)\ndef show(net):\n    print(net)\nshow(net)\n",
    ],
)
def test_the_lines_of_others_stay_where_they_are(text):
    tree = ast.parse(NET + text)
    assert ast.dump(unfolded(tree)) == ast.dump(tree)


def test_the_tree_that_was_given_stays_as_it_is():
    tree = ast.parse(f"{NET}def main():\n    if 1:\n        return\n    net = Net(3)\nmain()\n")
    before = ast.dump(tree)
    assert ast.dump(unfolded(tree)) != before == ast.dump(tree)


def test_a_function_that_calls_itself_is_entered_once():
    assert read(f"{NET}def main():\n    net = Net(64)\n    main()\nmain()\n").parameters == 64 * 27 + 64


def test_what_a_function_makes_comes_before_what_nobody_makes():
    helper = "class Swish(nn.Module):\n    def forward(self, x):\n        return x * torch.sigmoid(x)\n"
    source = read(f"{NET}def net64(pretrained=False):\n    return Net(64)\n\n{helper}")
    assert source.chosen.name == "Net"


def test_functions_that_call_one_another_twice_are_each_entered_once():
    chain = "".join(f"def f{n}():\n    f{n + 1}()\n    f{n + 1}()\n\n" for n in range(40))
    tree = ast.parse(f"{NET}{chain}def f40():\n    net = Net(64)\n\nf0()\n")
    assert len(unfolded(tree).body) < 3 * len(tree.body)
