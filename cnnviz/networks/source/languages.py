"""Networks in other languages than Python: which one it is, so that nobody looks for a mistake in the text."""

import re

_SIGNS = (  # the language and what of it, how to know it, and what says the same in Python
    ("R, with its keras", r"\bkeras_model_sequential\s*\(|(?:%>%|\|>)\s*layer_\w+\s*\(", "keras.Sequential"),
    ("R, with its torch", r"\bnn_(?:module|sequential|conv\dd|linear)\s*\(", "torch.nn"),
    ("JavaScript, with TensorFlow.js", r"\btf\.(?:sequential|layers\.[a-z]\w*)\s*\(\s*(?:\{|\))", "keras.Sequential"),
    ("MATLAB", r"\b(?:convolution2dLayer|fullyConnectedLayer|imageInputLayer)\s*\(", "nn.Sequential"),
    ("Julia, with Flux", r"\bChain\s*\(\s*(?:Conv|Dense)\s*\(", "nn.Sequential"),
    ("C++, with LibTorch", r"\btorch::nn::\w+", "nn.Sequential"),
)


def said_of(text: str) -> str:
    """What is said of a network in another language; '' of any other text."""
    for language, sign, same in _SIGNS:
        if re.search(sign, text):
            return f"This is {language}, and only Python is read. Write the same layers in Python, with {same}."
    return ""
