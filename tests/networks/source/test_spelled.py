"""Names that a text looks up by words."""

import pytest

from cnnviz.networks.notation import NotationError
from cnnviz.networks.source import written
from cnnviz.networks.source.reading import read
from tests.networks.source.test_candidates import BLOCK
from tests.networks.source.test_reading import HEAD, python, same, text_of

LOOKED_UP = [
    "globals()['Block'](3, 5)",
    "globals()[kind](3, 5)",
    "globals().get('Block')(3, 5)",
    "locals()['kind'] and globals()['made'](5)",
    "vars()['Block'](3, 5) if False else Block(3, 5)",
    "getattr(sys.modules[__name__], 'Block')(3, 5)",
    "getattr(sys.modules[__name__], kind)(3, 5)",
    "globals()['Bl' + 'ock'](3, 5)",
]
MADE = "import sys\ndef made(n):\n    return Block(3, n)\n"


@pytest.mark.parametrize("expression", LOOKED_UP)
def test_a_class_is_found_by_its_name_as_a_word(expression):
    net = text_of("return self.a(x)", f"kind = 'Block'\nself.a = {expression}")
    text = MADE + net + BLOCK
    source = read(HEAD + text)
    assert source.candidates[0].name == "Net" and "Block" not in {one.name for one in source.candidates}
    if "modules" not in expression:
        same(text, (3, 4, 4))
    assert read(HEAD + text).parameters == 20 == sum(one.numel() for one in source.build().parameters())


def test_the_file_of_such_a_network_makes_it():
    net = text_of("return self.a(x)", "self.a = globals()['Block'](3, 5)") + BLOCK
    file = written(read(HEAD + net))
    names: dict = {}
    exec("\n".join([*file.imports, file.definitions]), names)
    assert sum(one.numel() for one in eval(file.network, names).parameters()) == 20


SO_FAR = {  # lines of an __init__ with width=3, rate=0.5, *rest and **more, and the size of its layer
    "given = dict(locals())\nsuper().__init__()\nself.fc = nn.Linear(given['width'], 2)": 3,
    "super().__init__()\ngiven = locals()\nself.fc = nn.Linear(given['width'], 2)": 3,
    "super().__init__()\nwidth = width * 2\nself.fc = nn.Linear(locals()['width'], 2)": 6,
    "super().__init__()\na, b = 4, 5\nn: int = a + b\nself.fc = nn.Linear(locals()['n'] + len(locals()['rest']), 2)": 9,
    "super().__init__()\nself.given = {k: v for k, v in locals().items() if k not in ('self', '__class__')}\n"
    "self.fc = nn.Linear(sum(v for v in self.given.values() if isinstance(v, int)), 2)": 3,
    "args = locals()\ndel args['self']\nargs.pop('__class__', None)\nsuper().__init__()\n"
    "self.fc = nn.Linear(len(args), 2)": 4,
}  # fmt: skip


@pytest.mark.parametrize("init", SO_FAR)
def test_locals_are_what_the_function_has_so_far(init):
    text = text_of("return self.fc(x)", init).replace("(self):", "(self, width=3, rate=0.5, *rest, **more):")
    text = text.replace("        super().__init__()\n", "", 1)
    source = read(HEAD + text)
    assert source.weightless().fc.in_features == SO_FAR[init] == python(text).fc.in_features
    assert source.build().fc.in_features == SO_FAR[init]


def test_the_file_of_a_network_that_asks_for_what_it_has_so_far_makes_it():
    text = text_of("return self.fc(x)", "given = dict(locals())\nself.fc = nn.Linear(given['width'], 2)")
    file = written(read(HEAD + text.replace("(self):", "(self, width=3):")))
    names: dict = {}
    exec("\n".join([*file.imports, file.definitions]), names)
    assert eval(file.network, names).fc.in_features == 3


@pytest.mark.parametrize(
    "wrong", ["globals()", "globals()['__builtins__']", "globals()['unheard']", "globals()['open']"]
)
def test_what_the_text_does_not_define_is_refused(wrong):
    with pytest.raises(NotationError):
        read(HEAD + text_of("return x", f"self.a = nn.Linear({wrong}, 2)")).weightless()
