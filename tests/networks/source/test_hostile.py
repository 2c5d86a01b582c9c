"""Hostile and mutated texts, read in a child with limits on memory and time: each gives a sentence or a network."""

import json
import random
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
import torch
import torchvision

from cnnviz.networks.notation import NotationError
from cnnviz.networks.source import read
from tests.networks.source import architectures, hostile, test_classless, test_scripts
from tests.networks.source.child import SECONDS
from tests.networks.source.keras import test_summary
from tests.networks.source.printed import test_cut
from tests.networks.source.printed import test_reading as test_printed

WORDS = """
    self x nn F torch 0 1 -1 10**9 ( ) [ ] { } : = == , . * ** % @ lambda for in if else while return def class import
    super() __init__ forward Conv2d Linear view size None True 'a' f'{x}' not and or is del with try: yield
"""


def outcomes(texts: list[str]) -> list[dict]:
    """What a child that reads them says of each; it fails where the child ends before the last."""
    lines = "".join(json.dumps(text) + "\n" for text in texts)
    child = subprocess.run(
        [sys.executable, "-m", "tests.networks.source.child"],
        input=lines,
        capture_output=True,
        text=True,
        timeout=600 + len(texts),
    )
    found = [json.loads(line) for line in child.stdout.splitlines()]
    assert len(found) == len(texts), (texts[len(found)][:2000], child.stderr[-2000:])
    return found


@pytest.mark.slow
def test_hostile_texts_get_a_sentence_or_are_a_network(tries):
    """What wants more than a network is refused, what would take long or much takes neither, and what only looks odd is
    read."""
    every = [*hostile.HEAVY]
    heavy = [every[tries.last] for _ in tries(len(every), sample=len(every) // 5)]
    refused, fine = {**hostile.REFUSED, **hostile.SENSELESS}, {**hostile.FINE, **hostile.ASIDE}
    texts = {**refused, **{name: hostile.HEAVY[name] for name in heavy}, **fine}
    said = dict(zip(texts, outcomes(list(texts.values())), strict=True))
    read = {name: said[name] for name in refused if "refused" not in said[name] or said[name]["line"] < 1}
    assert read == {}
    slow = {name: said[name] for name in heavy if said[name]["seconds"] > SECONDS}
    assert slow == {}
    unread = {name: said[name] for name in fine if not said[name].get("steps")}
    assert unread == {}


@pytest.mark.parametrize("name", hostile.LARGE)
def test_what_would_fill_a_machine_is_refused_before_it_is_made(name):
    source = read(hostile.LARGE[name])
    with pytest.raises(NotationError):  # noqa: PT012 - the one or the other
        source.weightless()(torch.empty(1, 4, device="meta"))
        source.build()


def test_it_is_also_refused_where_a_condition_hid_it_from_the_trace():
    for hidden in ("if self.training: ", "if x.shape[0] == 7: "):
        network = read(hostile.net(forward=hidden + "s = [torch.zeros(9999999) for i in range(9)]")).build().train()
        with pytest.raises(NotationError):
            network(torch.zeros(7, 4))
    noise = "if self.training: torch.normal(0.0, 1e-9, size=(100_000, 100_000))"
    with pytest.raises(NotationError):
        read(hostile.net(forward=noise)).build().train()(torch.zeros(7, 4))


def test_a_pattern_that_could_take_long_is_refused():
    for pattern in ("(a+)+b", ".*.*x", "(a|)(a|)x", "a|b", "(a)\\1", "x" * 300):
        with pytest.raises(NotationError):
            read(hostile.net(above="import re\n", init=f"re.split(r'{pattern}', 'a' * 150)")).weightless()
    text = hostile.net(above="import re\n", init="assert re.split(r'(\\d.*)', 'k3')[:2] == ['k', '3']")
    assert read(text).parameters == 10


def test_weights_that_are_made_anew_in_forward_are_no_such_thing():
    text = hostile.net(
        init="self.big = nn.Linear(4, 2_000_000)",
        forward="w = self.big.weight\nw = (w - w.mean()) / w.std()\ny = F.linear(x, w)",
    )
    assert read(text).build()(torch.zeros(1, 4)).shape == (1, 2)


def test_layers_within_containers_and_copies_of_a_layer_are_no_such_things():
    nested = "nn.Sequential(nn.Sequential(nn.Sequential(nn.Linear(4, 2_500_000), nn.Linear(2_500_000, 2))))"
    encoder = "nn.TransformerEncoder(nn.TransformerEncoderLayer(1024, 4, 4096), 2)"
    named = 'nn.Sequential(OrderedDict({"a": nn.Linear(4, 2_500_000), "b": nn.Linear(2_500_000, 2)}))'
    for inner, count in ((nested, 17_500_002), (named, 17_500_002), (encoder, 25_192_448)):
        network = read(hostile.net(init=f"self.inner = {inner}", forward="x = x")).build()
        assert sum(one.numel() for one in network.inner.parameters()) == count


@pytest.mark.slow
def test_a_forward_at_the_top_of_a_text_counts_with_it():
    many = (
        hostile.net() + "\nmodel = Net()\nfor i in range(9999):\n    for j in range(9999): model(torch.zeros(1, 4))\n"
    )
    assert "200,000" in str(read(many).program.why)


def mutated(source: str, rng: random.Random) -> str:
    """The text with some pieces left out, doubled, moved, or others put in their place."""
    text = source
    for _ in range(rng.randint(1, 4)):
        start = rng.randrange(len(text))
        end = min(len(text), start + rng.choice((1, 3, 12, 60)))
        piece = text[start:end]
        new = rng.choice(
            ("", piece * 2, rng.choice(WORDS.split()), f" {rng.choice(WORDS.split())} ", piece[::-1], "\n", "10**10")
        )
        text = text[:start] + new + text[end:]
    return text


@pytest.mark.slow
def test_mutated_sources_give_a_sentence_or_a_network(tries):
    classes = Path(architectures.__file__).read_text().partition("NETWORKS = {")[0]
    parts = classes.split("\n\n\n")
    texts = []
    for rng in tries(20_000, 160):
        chosen = "\n\n\n".join(rng.sample(parts, 2))
        texts.append(mutated("import torch\nimport torch.nn as nn\nimport torch.nn.functional as F\n" + chosen, rng))
    found = outcomes(texts)
    assert max(one["seconds"] for one in found) < SECONDS
    assert sum("refused" in one for one in found) > len(found) // 20
    assert sum("steps" in one or "stopped" in one for one in found) > len(found) // 100


def others() -> list[str]:
    """Texts that are no classes: prints, tables of Keras, scripts, methods without their class, an error message."""
    with torch.device("meta"):
        known = repr(torchvision.models.resnet18())
    tables = [draw(test_summary.ROWS) for draw in (test_summary.cut, test_summary.wrapped, test_summary.boxed)]
    scripts = [
        test_scripts.PAIR + test_scripts.USED,
        *(textwrap.dedent(one[0]) for one in test_scripts.SCRIPTS.values()),
    ]
    methods = [*test_classless.LINES.values()]
    return [test_printed.LENET, "\n".join(test_cut.CLASS), test_cut.ERROR, known, *tables, *scripts, *methods]


@pytest.mark.slow
def test_mutated_prints_tables_and_scripts_give_a_sentence_or_a_network(tries):
    """Each behind a part of another one, in one of five."""
    texts, every = [], others()
    for rng in tries(10_000, 120):
        text, other = rng.sample(every, 2)
        start = rng.randrange(len(other))
        texts.append(mutated((other[start : start + 200] if rng.random() < 0.2 else "") + text, rng))
    found = outcomes(texts)
    assert max(one["seconds"] for one in found) < SECONDS
    assert 0 < sum("refused" in one for one in found) < len(found)
