"""Lines within a class that load weights: the network begins with fresh ones, and nothing is downloaded or opened."""

import pytest

from cnnviz.networks.notation import NotationError
from cnnviz.networks.source.reading import read
from tests.networks.source.test_reading import HEAD, text_of

LINES = {  # lines of an __init__, behind its layers
    "in two lines": """
        state = torch.load('w.pth')
        self.load_state_dict(state)""",
    "under a condition": """
        if self.pretrained:
            state = torch.load('w.pth', map_location='cpu')
            self.load_state_dict(state)""",
    "of what is on the disk": """
        if os.path.isfile(PATH):
            state = torch.load(PATH)
            self.load_state_dict(state, strict=False)""",
    "from a page": """
        state = model_zoo.load_url(ADDRESS)
        self.load_state_dict(state)""",
    "from the hub": """
        state = torch.hub.load_state_dict_from_url(ADDRESS, progress=False)
        self.fc.load_state_dict(state)""",
    "by its own name": """
        state = load_state_dict_from_url(ADDRESS)
        self.load_state_dict(state)""",
    "a part": """
        state = torch.load('w.pth')['state_dict']
        self.load_state_dict(state)""",
    "a part behind it": """
        ck = torch.load('w.pth')
        state = ck['model']
        print(ck['epoch'])
        self.load_state_dict(state)""",
    "with other names": """
        state = torch.load('w.pth')
        state = {k[7:]: v for k, v in state.items()}
        self.load_state_dict(state)""",
    "one by one": """
        state = torch.load('w.pth')
        for k in list(state):
            state[k[7:]] = state.pop(k)
        self.load_state_dict(state)""",
    "without the last": """
        state = torch.load('w.pth')
        del state['fc.weight'], state['fc.bias']
        self.load_state_dict(state)""",
    "among its own": """
        state, mine = None, None
        state = torch.load('w.pth')
        mine = self.state_dict()
        mine.update({k: v for k, v in state.items() if k in mine})
        self.load_state_dict(mine)""",
    "in a dictionary": """
        state = torch.load('w.pth')
        kept = {}
        mine = self.state_dict()
        for k, v in state.items():
            if k in mine:
                kept[k] = v
        mine.update(kept)
        self.load_state_dict(mine)""",
}  # fmt: skip


@pytest.mark.parametrize("kind", LINES)
def test_lines_that_load_weights_are_passed_over(kind):
    text = HEAD + text_of("return self.fc(x)", "self.fc = nn.Linear(5, 3)\n").replace(
        "nn.Linear(5, 3)\n", "nn.Linear(5, 3)\n" + _indented(LINES[kind])
    )
    source = read(text)
    assert source.parameters == 18 == sum(one.numel() for one in source.build().parameters())


def test_a_method_that_only_loads_is_passed_over():
    method = f"    def load(self, path):\n{_indented(LINES['in a dictionary'])}\n"
    text = text_of("return self.fc(x)", "self.fc = nn.Linear(5, 3)\nself.load('w')") + method
    assert read(HEAD + text).parameters == 18


def _indented(text: str) -> str:
    lines = [one for one in text.split("\n") if one.strip()]
    cut = min(len(one) - len(one.lstrip()) for one in lines)
    return "\n".join(" " * 8 + one[cut:] for one in lines) + "\n"


USED = {  # what asks for the file for something else than weights to be loaded
    "a size": "state = torch.load('w.pth')\nself.out = nn.Linear(3, state['n'])\nself.load_state_dict(state)",
    "a layer": "self.fc = torch.load('w.pth')",
    "a weight": "state = torch.load('w.pth')\nself.w = nn.Parameter(state['w'])",
    "another function": "state = torch.load('w.pth')\nself.filled(state)",
    "what is given back": "state = torch.load('w.pth')\nself.load_state_dict(state)\nreturn state",
}


@pytest.mark.parametrize("kind", USED)
def test_what_is_made_of_a_file_is_refused(kind):
    text = text_of("return self.fc(x)", f"self.fc = nn.Linear(5, 3)\n{USED[kind]}")
    with pytest.raises(NotationError, match="a file is never opened"):
        read(HEAD + text).weightless()


def test_the_tree_that_is_read_keeps_its_lines():
    text = HEAD + text_of(
        "return self.fc(x)",
        "if 3 > 2:\n    state = torch.load('w')\n    self.load_state_dict(state)\nself.fc = nn.Linear(unheard, 3)",
    )
    with pytest.raises(NotationError) as said:
        read(text).weightless()
    assert "unheard" in text.splitlines()[said.value.line - 1]
