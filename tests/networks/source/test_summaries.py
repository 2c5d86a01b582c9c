"""Tables of summaries: what they are, and what to paste instead."""

from __future__ import annotations

import pytest

from cnnviz.networks.source.summaries import KERAS_TABLE, TABLE, said_of

TORCHSUMMARY = """----------------------------------------------------------------
        Layer (type)               Output Shape         Param #
================================================================
            Conv2d-1            [-1, 6, 28, 28]             156
================================================================
Total params: 156
"""
TORCHINFO = """==========================================================================================
Layer (type:depth-idx)                   Output Shape              Param #
==========================================================================================
Net                                      [1, 10]                   --
├─Conv2d: 1-1                            [1, 6, 28, 28]            156
==========================================================================================
Total params: 156
"""
NAMED = TORCHINFO.replace("(type:depth-idx)           ", "(type (var_name):depth-idx)").replace(
    "Conv2d: 1-1        ", "Conv2d (conv): 1-1 "
)
LIGHTNING = """  | Name | Type   | Params
---------------------------------
0 | fc   | Linear | 7.9 K
"""
KERAS = """Model: "net"
_________________________________________________________________
 Layer (type)                Output Shape              Param #
=================================================================
 conv2d (Conv2D)             multiple                  156
 dense (Dense)               multiple                  8650
=================================================================
Total params: 8,806
"""
KERAS_3 = """\u2503 Layer (type)         \u2503 Output Shape      \u2503    Param # \u2503
\u2502 dense (Dense)        \u2502 ?                 \u2502 0 (unbuilt) \u2502
"""


@pytest.mark.parametrize(
    ("table", "said"),
    [(TORCHSUMMARY, TABLE), (TORCHINFO, TABLE), (NAMED, TABLE), (LIGHTNING, TABLE)]
    + [(NAMED.replace(":depth-idx", ""), TABLE), (TORCHINFO.split("\n", 3)[3], TABLE)]
    + [(KERAS, KERAS_TABLE), (KERAS_3, KERAS_TABLE), (KERAS.replace("multiple   ", "(32, 24, 6)"), KERAS_TABLE)],
)
def test_whose_table_it_is(table: str, said: str) -> None:
    assert said_of(table) == said
    assert said_of(f"from torchsummary import summary\nsummary(net, (1, 28, 28))\n{table}") == said


def test_what_to_paste_is_what_there_is() -> None:
    assert "print(model)" in TABLE and "print(" not in KERAS_TABLE


@pytest.mark.parametrize(
    "code", ["class Net(nn.Module):\n    pass\n", "net = nn.Sequential(nn.ReLU())\n", "m = Sequential()\n"]
)
def test_a_table_beside_code_is_left_to_the_code(code: str) -> None:
    assert said_of(code + TORCHINFO) == said_of(KERAS + code) == ""


@pytest.mark.parametrize("text", ["", "Layer (type)", "The layer (type) has an Output Shape", "Net(\n  (a): ReLU()\n)"])
def test_what_is_no_table(text: str) -> None:
    assert said_of(text) == ""
