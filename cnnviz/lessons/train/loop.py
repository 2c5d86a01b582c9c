"""The five lines of the training loop, as PyTorch writes them."""

from cnnviz.training import TrainConfig

LOSSES = {
    "cross_entropy": "F.cross_entropy(logits, labels)",
    "nll": "F.nll_loss(logits.log_softmax(1), labels)",
    "mse": "F.mse_loss(logits.softmax(1), one_hot)",
}
MEANT = (  # what each line does
    "The gradients of the step before are put back to 0; PyTorch would add to them.",
    "The batch goes through the network: a score for each class and picture.",
    "One number for how wrong the scores are, the mean over the batch.",
    "The chain rule, backwards through all layers: each weight gets its gradient, the slope of the loss along it.",
    "Each weight moves a little against its gradient; the learning rate says how far.",
)


def loop(config: TrainConfig) -> tuple[str, ...]:
    """The lines of a run, from the gradients put back to the step."""
    loss = LOSSES[config.loss]
    if config.label_smoothing and config.loss == "cross_entropy":
        loss = loss.replace(")", f", label_smoothing={config.label_smoothing:g})")
    return (
        "optimizer.zero_grad()",
        "logits = network(images)",
        f"loss = {loss}",
        "loss.backward()",
        "optimizer.step()",
    )
