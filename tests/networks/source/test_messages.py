"""Error messages without the network that they are about."""

import pytest

from cnnviz.networks import own
from cnnviz.networks.source.messages import said_of
from tests.helpers import names
from tests.pace import within

PRODUCT = "mat1 and mat2 shapes cannot be multiplied (64x3136 and 1024x128)"
TRACE = f"""Traceback (most recent call last):
  File "train.py", line 40, in <module>
    out = net(x)
  File "train.py", line 22, in forward
    x = F.relu(self.fc1(x))
RuntimeError: {PRODUCT}
"""


@pytest.mark.parametrize("text", [PRODUCT, f"RuntimeError: {PRODUCT}", TRACE, TRACE.replace("File", ">>> File")])
def test_a_product_that_does_not_go_says_which_layer_would(text):
    with pytest.raises(own.Offer) as offer:
        own.read(text)
    assert names(offer.value.args[0], "paste the class", "1,024", "3,136", "nn.Linear(3136, 128)")
    assert offer.value.offered == ""


def test_an_older_message_says_the_same():
    assert names(said_of("RuntimeError: size mismatch, m1: [64 x 576], m2: [400 x 120] at ..."), "nn.Linear(576, 120)")


@pytest.mark.parametrize("text", ["ValueError: Expected more than 1 value per channel when training", "KeyError: 'a'"])
def test_another_message_is_called_one(text):
    with pytest.raises(own.Offer) as offer:
        own.read(text)
    assert names(offer.value.args[0], "error message", "paste the class") and "Linear" not in offer.value.args[0]


@pytest.mark.parametrize(
    "text", ["", "x = 1", f"{TRACE}class Net(nn.Module):\n    pass", f"nn.Sequential(nn.Linear(2, 3))\n{TRACE}"]
)
def test_a_text_with_code_is_none(text):
    assert said_of(text) == ""


@pytest.mark.parametrize("text", ["\n" * 90_000, "class " * 15_000, "64x" * 30_000, "A" * 90_000 + "Error:"])
def test_nothing_takes_long(text):
    with within(1):
        said_of(f"{text}\nRuntimeError: {text[:250]}")
