"""cnnviz: an interactive explainer of convolutional neural networks."""
