"""What Keras is answered with, and the network that this is."""

from torch import nn

from cnnviz.networks import notation
from cnnviz.networks.source.keras.layers import Translated
from cnnviz.networks.source.keras.reading import read


def found(text: str) -> Translated:
    translated = read(text)
    assert translated is not None
    return translated


def built(translated: Translated) -> nn.Sequential:
    assert translated.text, translated.notes
    network = notation.parse(translated.text).build().eval()
    assert isinstance(network, nn.Sequential)
    return network
