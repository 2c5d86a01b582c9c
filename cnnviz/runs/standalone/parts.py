"""The parts of the script that are the same loop as in `training`, written as one would without the rest of it."""

import textwrap

from cnnviz.data.datasets import downloads
from cnnviz.inference import checkpoints
from cnnviz.runs.standalone.sources import Sources
from cnnviz.training import TrainConfig
from cnnviz.training.devices import MAX_THREADS
from cnnviz.training.metrics import EVALUATION_BATCH

TORCHVISION = {"mnist": "MNIST", **downloads.SETS}
LOADED = {  # how torchvision's sets hold their images and labels
    "grey": "return part.data[:, None], part.targets",
    "colour": "return torch.from_numpy(part.data).permute(0, 3, 1, 2), torch.tensor(part.targets)",
}
COLOUR = ("cifar10", "cifar100")
AUTOMATIC = '"cuda" if torch.cuda.is_available() else "mps" if torch.backends.mps.is_available() else "cpu"'
MIXED = 'MIXED = DEVICE == "cuda" and torch.cuda.is_bf16_supported(including_emulation=False)  # bfloat16'
SCHEDULERS = {  # as in training/schedules.py, on the learning rate itself
    "step": "StepLR(optimizer, {decay_epochs} * steps_per_epoch, {decay!r})",
    "one_cycle": "OneCycleLR(optimizer, LEARNING_RATE, total_steps=steps, cycle_momentum=False)",
    "cosine": "CosineAnnealingLR(optimizer, steps)",
    "sweep": "LambdaLR(optimizer, lambda step: 1e6 ** (step / max(1, steps - 1) - 1))",
}

LOADING = '''
def load(train: bool) -> tuple[Tensor, Tensor]:
    """uint8 images (N, C, H, W) and labels (N,): those for training, or those for the test."""
    part = torchvision.datasets.{name}(DATA, train=train, download=True)
    {loaded}
'''.strip()

LOADING_FILE = '''
def load(train: bool) -> tuple[Tensor, Tensor]:
    """uint8 images (N, C, H, W) and labels (N,): those for training, or those for the test."""
    part = "train" if train else "test"
    with np.load(DATA) as file:
        images, labels = file[f"x_{part}"], file[f"y_{part}"]
    images = images.reshape(*images.shape[:3], -1)  # grey ones get a channel
    return torch.from_numpy(images).permute(0, 3, 1, 2), torch.from_numpy(labels.reshape(-1).astype(np.int64))
'''.strip()

PREPROCESS = '''
def preprocess(images: Tensor) -> Tensor:
    """What the network sees of uint8 images (N, C, H, W): {said} SIZE, scaled to 0..1, normalised."""
{placed}
    mean, std = (torch.tensor(values, device=images.device).view(1, -1, 1, 1) for values in (MEAN, STD))
    return ((placed - mean) / std).contiguous(memory_format=torch.channels_last)
'''.strip()
PLACED = {  # as in data/datasets/preprocessing.py
    "framed": """
height, width = images.shape[2:]
top, left = (SIZE[0] - height) // 2, (SIZE[1] - width) // 2
placed = F.pad(images, (left, SIZE[1] - width - left, top, SIZE[0] - height - top)).float() / 255
""".strip(),
    "resized": 'placed = F.interpolate(images.float() / 255, SIZE, mode="bilinear", antialias=True)',
}
SAID = {"framed": "framed with zeros to", "resized": "resized to"}
NORMALISED = {  # what MEAN and STD are
    "computed": "of the training images",
    "published": "of the training images, as they are usually given",
    "half": "for values from -1 to 1",
    "none": "nothing is taken off",
}

ACCURACY = '''
@torch.inference_mode()
def accuracy(network: nn.Module, images: Tensor, labels: Tensor) -> float:
    """The share of the images that the network classifies correctly."""
    network.eval()
    right = 0
    for some, expected in zip(images.split({batch}), labels.split({batch}), strict=True):
        logits = network(preprocess(some))
        right += int((logits.argmax(1) == expected).sum())
    return right / len(images)
'''.strip()

TRAINING = '''
def main() -> nn.Module:
    """Trains the network and tells its accuracy {when}."""
{process}
    torch.manual_seed(SEED)
{network}
{data}
    optimizer = torch.optim.{optimizer}
    torch.manual_seed(SEED)  # for dropout
{generators}
    done, steps_per_epoch = 0, ceil(len(x_train) / BATCH_SIZE)
{steps}
    while done < steps:
        network.train()
        indices = torch.randperm(len(x_train), generator=order).to(DEVICE)
        for chosen in indices.split(BATCH_SIZE)[: steps - done]:
{batch}
            done += 1
{telling}
    return network
'''.strip()

HITS = "right += int((logits.argmax(1) == y_train[chosen]).sum())"
SAVE = '''
def save(network: nn.Module) -> None:
    """Writes the weights, each under its name in the network, and beside them what it sees of a picture. Unlike what
    torch.save writes, such a file is no pickle: whoever opens it executes nothing."""
    {gathered}
    about = {{"dataset": {dataset!r}, "mean": str(list(MEAN)), "std": str(list(STD)), "size": str(list(SIZE))}}
    save_file(weights, "model.safetensors", {{**about, "fit": {fit!r}}})
'''.strip()

RESTORE = '''
def restore() -> nn.Module:
    """The network with the weights that were saved, to predict.

    The file has numbers and no network: the network is built first. eval() is for prediction: dropout then lets
    everything pass, and batch normalisation takes the averages of the training in place of those of the batch, so that
    the answer for a picture does not depend on the pictures beside it.
    """
    network = {network}()
    network.load_state_dict(load_file("model.safetensors"))
    return network.eval()
'''.strip()

END = 'if __name__ == "__main__":\n    save(main())\n'


def data_place(config: TrainConfig) -> str:
    """Where the script looks for its data set, as a literal."""
    return '"data"' if config.dataset in TORCHVISION else repr(f"{config.dataset}.npz")


def data_comment(config: TrainConfig) -> str:
    """What that place is."""
    if config.dataset in TORCHVISION:
        return "the folder that torchvision downloads into"
    return "x_train, y_train, x_test, y_test: images uint8 (N, H, W) or (N, H, W, C), labels integers"


def device(config: TrainConfig) -> list[str]:
    """The constants that say where to train, and how exactly."""
    place = "DEVICE = " + (AUTOMATIC if config.device == "auto" else f'"{config.device}"')
    return [place, MIXED] if config.precision == "auto" else [place]


def loading(config: TrainConfig, sources: Sources) -> str:
    """The function that loads the data set."""
    if config.dataset not in TORCHVISION:
        sources.need("numpy as np")
        return LOADING_FILE
    sources.need("torchvision")
    loaded = LOADED["colour" if config.dataset in COLOUR else "grey"]
    return LOADING.format(name=TORCHVISION[config.dataset], loaded=loaded)


def preprocess(config: TrainConfig) -> str:
    """The function from uint8 images to what the network sees."""
    return PREPROCESS.format(said=SAID[config.fit], placed=textwrap.indent(PLACED[config.fit], " " * 4))


def accuracy() -> str:
    """The function that measures."""
    return ACCURACY.format(batch=EVALUATION_BATCH)


def saving(config: TrainConfig, network: str) -> list[str]:
    """The functions that write the weights and load them again; `network` is the name of the one that builds it."""
    gathered = checkpoints.GATHERED.format(model="network")
    return [SAVE.format(gathered=gathered, dataset=config.dataset, fit=config.fit), RESTORE.format(network=network)]


def _predicting(config: TrainConfig) -> list[str]:
    """The lines from a batch to logits."""
    if config.precision == "float32":
        return ["logits = network(images)"]
    where = ", enabled=MIXED" if config.precision == "auto" else ""
    return [f"with torch.autocast(DEVICE, torch.bfloat16{where}):", "    logits = network(images)"]


def training(config: TrainConfig, network: str, augment: str, sources: Sources) -> str:
    """The function that trains."""
    sources.need("math", "ceil")
    lines = {
        "process": _process(config),
        "network": _network(config, network),
        "data": [
            *_training_images(config),
            "x_test, y_test = (part.to(DEVICE) for part in load(train=False))",
        ],
        "generators": [
            "order = torch.Generator().manual_seed(SEED)",
            *(["generator = torch.Generator(DEVICE).manual_seed(SEED)"] if augment else []),
        ],
        "steps": [*steps(config), *_counters(config)],
        "batch": _batch(config, augment),
        "telling": _telling(config),
    }
    depth = {"batch": 12, "telling": 12 if config.evaluate_every else 8}
    parts = {name: textwrap.indent("\n".join(some), " " * depth.get(name, 4)) for name, some in lines.items()}
    when = f"every {config.evaluate_every:,} steps" if config.evaluate_every else "after each epoch"
    return TRAINING.format(optimizer=_optimizer(config), when=when, **parts)


def _process(config: TrainConfig) -> list[str]:
    """What is settled for the whole process."""
    threads = f"torch.set_num_threads(min(torch.get_num_threads(), {MAX_THREADS}))  # small networks feed no more"
    exact = "torch.backends.cudnn.deterministic = True  # some of its convolutions add up in an order of their own"
    return [threads, *([exact] if config.device in ("auto", "cuda") else [])]


def _training_images(config: TrainConfig) -> list[str]:
    """The lines that put the training images on the device, and those that are held out."""
    subset = "[:SUBSET]" if config.subset else ""
    if not config.validation:
        return [f"x_train, y_train = (part.to(DEVICE){subset} for part in load(train=True))"]
    return [
        f"x, y = (part{subset} for part in load(train=True))",
        "chosen = torch.randperm(len(x), generator=torch.Generator().manual_seed(SEED))",
        "out = torch.zeros(len(x), dtype=torch.bool)  # held out of training, for validation",
        "out[chosen[: min(ceil(VALIDATION * len(x)), len(x) - 1)]] = True",
        "x_train, y_train = x[~out].to(DEVICE), y[~out].to(DEVICE)",
        "x_validation, y_validation = x[out].to(DEVICE), y[out].to(DEVICE)",
    ]


def _network(config: TrainConfig, network: str) -> list[str]:
    """The network with its first weights, on the device."""
    fastest = "  # what convolutions are fastest on"
    first = [f"{config.initialisation}(network)"] if config.initialisation != "default" else []
    if config.start:
        first = ['network.load_state_dict(load_file("start.safetensors"))']
    if not first:
        return [f"network = {network}().to(DEVICE, memory_format=torch.channels_last){fastest}"]
    return [f"network = {network}()", *first, f"network.to(DEVICE, memory_format=torch.channels_last){fastest}"]


def _optimizer(config: TrainConfig) -> str:
    """The optimiser as torch.optim has it; arguments at its defaults are left out, but for AdamW's decay."""
    name = {"adam": "Adam", "adamw": "AdamW"}.get(config.optimizer, "SGD")
    given = ["network.parameters()", "lr=LEARNING_RATE"]
    if config.optimizer in ("momentum", "nesterov") and config.momentum:
        given.append(f"momentum={config.momentum!r}")
        given += ["nesterov=True"] if config.optimizer == "nesterov" else []
    if config.weight_decay or name == "AdamW":
        given.append(f"weight_decay={config.weight_decay!r}")
    whole = f"{name}({', '.join([*given, 'fused=True'])})"
    return whole if len(whole) < 90 else whole.replace("(", "(\n        ", 1)[:-1] + "\n    )"


def steps(config: TrainConfig) -> list[str]:
    """How many steps there are, and the schedule by torch's name for it."""
    whole = "EPOCHS * steps_per_epoch"
    lines = [f"steps = min({whole}, STEPS)" if config.steps else f"steps = {whole}"]
    if config.schedule in SCHEDULERS:
        made = SCHEDULERS[config.schedule].format(decay_epochs=config.decay_epochs, decay=config.decay)
        lines.append(f"scheduler = torch.optim.lr_scheduler.{made}")
    return lines


def _batch(config: TrainConfig, augment: str) -> list[str]:
    """The lines from a batch to the next weights."""
    logits = "logits" if config.precision == "float32" else "logits.float()"
    clipped = f"nn.utils.clip_grad_norm_(network.parameters(), {config.clip_norm!r})"
    return [
        f"images = preprocess({augment}(x_train[chosen], generator))"
        if augment
        else "images = preprocess(x_train[chosen])",
        *_predicting(config),
        f"loss = {_loss(config, logits)}",
        "optimizer.zero_grad()",
        "loss.backward()",
        *([clipped] if config.clip_norm else []),
        "optimizer.step()",
        *([HITS, "seen += len(chosen)"] if _counts(config) else []),
        *(["scheduler.step()"] if config.schedule in SCHEDULERS else []),
    ]


def _telling(config: TrainConfig) -> list[str]:
    """The lines that measure and tell what was learnt, and keep the best weights."""
    lines = ["share = accuracy(network, x_test, y_test)", 'told = f"{share:.2%} of the test images"']
    if config.train_measure == "pass":
        lines += ["known = accuracy(network, x_train, y_train)", 'told = f"{known:.2%} of the training images, {told}"']
    elif _counts(config):
        lines.append("known, right, seen = right / seen, 0, 0")
    if config.validation:
        held = "accuracy(network, x_validation, y_validation)"
        lines += [f"held = {held}", 'told = f"{held:.2%} of the validation images, {told}"']
    lines.append('print(f"step {done} of {steps}: loss {loss.item():.4f}, {told}")')
    if config.best != "none":
        measured = {"training": "known", "validation": "held", "test": "share"}[config.best]
        gathered = checkpoints.GATHERED.format(model="network")
        save = 'save_file(weights, "best.safetensors")'
        lines += [f"if {measured} > best:", *(f"    {line}" for line in (f"best = {measured}", gathered, save))]
    if not config.evaluate_every:
        return lines
    inner = [f"    {line}" for line in [*lines, "network.train()"]]
    return [f"if done % {config.evaluate_every} == 0 or done == steps:", *inner]


def _counters(config: TrainConfig) -> list[str]:
    """What is counted over the run: the best figure so far, and the training images since the last measurement."""
    return [*(["best = -1.0"] if config.best != "none" else []), *(["right = seen = 0"] if _counts(config) else [])]


def _counts(config: TrainConfig) -> bool:
    """Whether the training images are counted as they are learnt from."""
    return config.best == "training" and config.train_measure == "running"


def _loss(config: TrainConfig, logits: str) -> str:
    """The loss of a batch."""
    if config.loss != "cross_entropy":
        return f"{config.loss}({logits}, y_train[chosen], {config.label_smoothing!r})"
    smoothed = f", label_smoothing={config.label_smoothing!r}" if config.label_smoothing else ""
    return f"F.cross_entropy({logits}, y_train[chosen]{smoothed})"
