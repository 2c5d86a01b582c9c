"""Networks in other languages than Python: the language is named, and Python is never taken for another one."""

from __future__ import annotations

import pytest

from cnnviz.networks import own
from cnnviz.networks.source.languages import said_of
from tests.helpers import names

R = """library(keras)
net <- keras_model_sequential() %>%
  layer_conv_2d(filters = 8, kernel_size = c(5, 5), input_shape = c(28, 28, 1)) %>%
  layer_dense(units = 10)
"""
JAVASCRIPT = """const net = tf.sequential();
net.add(tf.layers.flatten({inputShape: [28, 28, 1]}));
net.add(tf.layers.dense({units: 10}));
"""


@pytest.mark.parametrize(
    ("text", "language"),
    [
        (R, "R"),
        ("net <- nn_module(initialize = function() { self$fc <- nn_linear(784, 10) })", "R"),
        (JAVASCRIPT, "JavaScript"),
        ("layers = [ ...\n imageInputLayer([28 28 1])\n convolution2dLayer(5, 8)];\n", "MATLAB"),
        ("model = Chain(Conv((5, 5), 1 => 6, relu), Flux.flatten, Dense(10))", "Julia"),
        ("struct Net : torch::nn::Module {\n  torch::nn::Linear fc{nullptr};\n};", r"C++"),
    ],
)
def test_the_language_is_named(text: str, language: str) -> None:
    with pytest.raises(own.Offer) as offer:
        own.read(text)
    assert offer.value.args[0].startswith(f"This is {language}") and "Python" in offer.value.args[0]
    assert offer.value.offered == ""


@pytest.mark.parametrize("text", ["", "nn.Linear(2, 3)", "x = tf.layers.dense(x, units=10)", "a |> b", "Chain()"])
def test_python_is_no_other_language(text: str) -> None:
    assert said_of(text) == ""


def test_what_to_write_is_named() -> None:
    assert names(said_of(JAVASCRIPT), "TensorFlow.js", "keras.Sequential")
