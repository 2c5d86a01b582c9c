"""The states whose sentences stand in sentences.json. Add one where something new is said, then `make golden`."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import nn

from cnnviz import lessons, runs
from cnnviz.data import datasets
from cnnviz.data.datasets.preprocessing import Preprocessing
from cnnviz.data.drawing import from_text, pipeline, to_mnist
from cnnviz.data.pictures import read_upload
from cnnviz.inference import checkpoints
from cnnviz.inference.labelled_drawings import as_npz
from cnnviz.interpret import effective_field, examine
from cnnviz.interpret.attributions import grad_cam
from cnnviz.interpret.units import arithmetic as unit
from cnnviz.lessons.train.settings import Train
from cnnviz.links import accepted, grids, locks, read_number
from cnnviz.links.locks import Lock
from cnnviz.networks import OWN_TEXT, notation, zoo
from cnnviz.networks.zoo.blocks import Residual
from cnnviz.ops import arithmetic, windows
from cnnviz.ops.receptive_field import Layer, Stack
from cnnviz.runs.comparison import describe, labels
from cnnviz.server.classrooms import MAX_ROOMS, Classroom, Classrooms, cleaned
from cnnviz.server.limits import Limits
from cnnviz.training import TrainConfig, train
from cnnviz.training.devices import pick_device
from cnnviz.training.failures import diverged, out_of_memory_hint
from cnnviz.ui.components.lines import lines
from cnnviz.ui.components.pad import decoded
from cnnviz.ui.core import resources
from cnnviz.ui.lessons import paper
from cnnviz.ui.shell.share import MAX_BYTES, qr_code

# --- what a page says that is opened by a link; the runs that are named RUN_... stand in said.py

ONES_6X6 = "x=6x6_" + "_".join(["1"] * 36)
PAGES: dict[str, tuple[str, ...]] = {
    "convolution": (
        f"stride_h=2&{ONES_6X6}",
        f"stride_h=2&padding_h=1&{ONES_6X6}",
        "stride_h=9",
        "op=transposed",
        "op=convolution",
        "same=1&stride_h=2",
        f"w=2x2_1_2_3_4&stride_h=3&{ONES_6X6}",
        f"w=2x2_1_2_3_4&dilation_h=5&{ONES_6X6}",
        f"w=2x2_1_2_3_4&dilation_h=3&stride_h=2&{ONES_6X6}",
        "w=7x7_" + "_".join(["1"] * 49),
        "w=3x5_" + "_".join(["1"] * 15) + "&same=1&stride_h=2",
        "mode=reflect&padding_h=9",
        "x=5x5_1_<b>&stride_h=0",
        "x=17x1_0&op=nothing&same=2&dilation_w=1.5",
        "lock=x.stride",
        "lock=all",
        "lock=nothing.x&hide=<b>",
        "hide=kernel",
        f"lock={'x' * 401}",
        "task=cell",
        "task=size",
        "task=cell-9-9",
        "task=nonsense",
        "task=cell-1-1-2",
    ),
    "channels": (
        "groups=2&channels=4&filters=4",
        "groups=4&channels=4&filters=4",
        "groups=3&channels=3&filters=2",
        "stride_h=4",
        "task=shape",
        "task=cell-3-3-4",
    ),
    "pooling": (
        "ceil_mode=1&stride_h=2",
        "kernel_h=2&stride_h=4",
        "padding_h=1&kernel_h=2",
        "padding_h=8&kernel_h=3",
        "kind=L2&padding_h=1",
        "reach=adaptive",
        "reach=global",
        "task=average",
        "task=against&kind=L2",
        "task=size&reach=global",
    ),
    "filters": (
        "window=6",
        "picture=own_file",
        "picture=webcam",
        "picture=<script>",
        "w=9x9_1",
        "row=nan",
        "pool=l3",
        "task=edge&w=1x1_3",
        "task=picture-size&picture=webcam",
    ),
    "shapes": (
        "network=gpt",
        "network=own_text&text=nn.Sequential(nn.Conv9d(1))",
        "network=own_text&text=",
        f"network=own_text&text={'x' * 100_001}&height=99999",
        "task=parameters&network=own_text&text=nn.Conv9d(1)",
        "task=flatten&network=lenet5&height=2",
    ),
    "receptive": (
        "stack=m2s4p0d1-m2s4p0d1-c5s1p0d1-a2s1p2d3&size=16",
        "stack=",
        "stack=c3s1p1d1-",
        "stack=x3s1p1d1",
        "stack=c12s1p1d1",
        "stack=c3s1p1d1-m2s5p0d1",
        "stack=c3s0p1d1",
        "stack=c3s1p6d1",
        "stack=c3s1p1d9",
        "stack=" + "-".join(["c1s1p0d1"] * 13),
        "size=7",
        "layer=13",
        "network=resnet",
    ),
    "inside": (
        "network=nothing",
        "network=residual_8",
        "layer=conv9",
        "image=10000",
        "view=dream",
        "channel=-3",
        "source=drawing",
        "task=sum&network=nope&layer=<b>",
        "task=maximum&source=drawing",
        "task=units&image=999999",
    ),
    "data": (
        "dataset=nothing",
        "dataset=cifar10",
        "dataset=fashion_mnist",
        "image=70000",
        "only=10",
        "view=batch&step=470",
        "view=batch&batch_size=64&step=938",
        "normalisation=published&dataset=cifar10",
        "view=record",
        "view=bring",
    ),
    "architectures": ("milestone=VGG-16", "milestone=Perceptron"),
    "draw": (
        "network=gpt",
        "network=lenet5--epoch_9",
        "beside=resnet20",
        "drawing=AAAA",
        "crop=0&scale=0",
        "network=RUN_waiting",
        "task=frame&network=nope",
    ),
    "train": (
        "",
        "dataset=fashion_mnist",
        "run=gone",
        "run=RUN_waiting",
        "run=RUN_done",
        "run=RUN_stopped",
        "run=RUN_gave_way",
        "run=RUN_left",
        "run=RUN_failed",
        "run=RUN_running",
        "run=RUN_stopping",
        "run=RUN_lost",
        "epochs=10&optimizer=momentum&learning_rate=0.01&batch_size=100&weight_decay=0.0001&network=mnist_cnn&seed=1"
        "&normalisation=none",
        "run=RUN_foreign",
        "run=RUN_done&beside=RUN_stopped",
        "room=ABCDEF",
        "task=steps&learning_rate=abc",
        "task=decay&schedule=cosine",
    ),
    "evaluate": (
        "",
        "network=gpt",
        "network=RUN_waiting",
        "image=10000",
        "true=4&named=10",
        "true=4",
        "view=all",
        "page=0",
        "task=precision&network=nope",
        "task=recall&true=99&named=1",
    ),
    "room": ("room=ABCDEF", "room=ABCDEF7"),
}

# --- what an exercise says of a guess, beside the right answer and the usual mistakes, which are all tried

GUESSES: dict[tuple[str, str], tuple[str, ...]] = {
    ("convolution", "size"): ("5 x 4", "7 by 6", "5x6", "6 × 9", "3x4x5"),
    ("convolution", "dilated-size"): ("6×6",),
    ("convolution", "cell"): ("9", "-3", "123", "abc", ""),
    ("convolution", "turned"): ("6",),
    ("channels", "parameters"): ("108",),
    ("pooling", "average"): ("1.75", "7"),
    ("pooling", "against"): ("top left", "nowhere"),
    ("pooling", "ceil-size"): ("2",),
    ("pooling", "size"): ("3 3",),
    ("receptive", "two-layers"): ("8",),
    ("evaluate", "accuracy"): ("0.47 %",),
}
MENDING = {  # texts that do not mend shapes?task=mend-linear, by what is exchanged
    "12 classes": ("nn.Linear(16 * 7 * 7, 10)", "nn.Linear(16 * 6 * 6, 12)"),
    "a pooling less": ("    nn.MaxPool2d(2),\n    nn.Flatten", "    nn.Flatten"),
    "cut short": ("nn.Linear(16 * 7 * 7, 10),\n)", "nn.Linear(16 * 7"),
    "padding elsewhere": ("padding=1", "padding=2"),
}

# --- what the command line says on standard error

COMMANDS = (
    "train --epochs 0",
    "train --network gpt",
    "train --experiment alchemy",
    "evaluate nothing.safetensors",
    "trace lenet5 --input 1x28x28",
    "trace lenet6",
)

# --- what `make deploy` says where the Hub refuses


class HubError(OSError):
    """Shaped like huggingface_hub.errors.HfHubHTTPError."""

    def __init__(self, status: int, says: str | None = None):
        super().__init__(f"{status} Client Error. (Request ID: 1)\n\nmore lines")
        self.response = SimpleNamespace(status_code=status)
        self.server_message = says


HUB_ERRORS: dict[str, Exception] = {
    "no token": HubError(401),
    "no rights": HubError(403, "You don't have the rights"),
    "no plan": HubError(402, "Subscribe to PRO"),
    "no owner": HubError(404),
    "no answer": HubError(503),
    "no network": ConnectionError("Name or service not known"),
    "the card": ValueError("Invalid metadata in README.md.\n- sdk"),
    "no words": RuntimeError(""),
}
SPACES = ("", "cnnviz", "a/-b")  # names that are none

# --- networks that do not fit their input

S = nn.Sequential
SHAPES: dict[str, tuple[nn.Module, tuple[int, ...]]] = {
    "too many features": (zoo.weightless("lenet5_padded"), (1, 1, 28, 28)),
    "channels of the input": (zoo.weightless("lenet5"), (2, 3, 32, 32)),
    "a window that does not fit": (zoo.weightless("lenet5"), (1, 1, 8, 8)),
    "no flatten": (S(nn.Conv2d(3, 8, 3), nn.ReLU(), nn.Linear(8, 10)), (1, 3, 8, 8)),
    "flattened too early": (S(nn.Flatten(), nn.Conv2d(3, 8, 3)), (1, 3, 8, 8)),
    "batch norm": (S(nn.Conv2d(3, 8, 3), nn.BatchNorm2d(4)), (1, 3, 8, 8)),
    "groups": (S(nn.Conv2d(4, 8, 3, groups=2)), (1, 6, 8, 8)),
    "groups that do not divide": (S(nn.Conv2d(4, 8, 3, groups=2)), (1, 5, 8, 8)),
    "a shortcut": (S(Residual(nn.Conv2d(3, 8, 3, padding=1, stride=2))), (1, 3, 8, 8)),
    "a pooling that does not fit": (S(nn.MaxPool2d(9)), (1, 6, 8, 8)),
    "transposed": (S(nn.ConvTranspose2d(4, 2, 2)), (1, 3, 8, 8)),
    "unflatten": (S(nn.Unflatten(1, (4, 4))), (1, 6)),
    "layer norm": (S(nn.LayerNorm(7)), (1, 6, 8, 8)),
    "group norm": (S(nn.GroupNorm(2, 8)), (1, 6, 8, 8)),
    "lazy": (S(nn.LazyLinear(3)), (1, 1, 4, 4)),
}

# --- texts that are no network; what Python itself says of one is not ours, and stands nowhere here

CODE = (  # more than a row of layers
    *(
        f"class Net(nn.Module):\n    def __init__(self):\n        {first}\n    def {forward}"
        for first, forward in (
            ("super().__init__()\n        self.fc = nn.Linear(4, 2)", "forward(self, x): return self.fc1(x)"),
            ("super().__init__()\n        self.fc = nn.Linaer(4, 2)", "forward(self, x): return x"),
            ("super().__init__()\n        self.words = nn.EmbeddingBag(1000, 3)", "forward(self, x): return x"),
            ("super().__init__()\n        self.words = torch.load('x')", "forward(self, x): return x"),
            ("super().__init__()\n        self.kind = ().__class__", "forward(self, x): return x"),
            ("self.fc = nn.Linear(4, 2)", "forward(self, x): return self.fc(x)"),
            ("super().__init__()", "foward(self, x): return x"),
            ("super().__init__()\n        while True: pass", "forward(self, x): return x"),
        )
    ),
    "class Net(nn.Module):\n    def __init__(self, classes): super().__init__()\n    def forward(self, x): return x",
    "from torchvision.models import resnet\nmodel = resnet.ResNet(resnet.BasicBlock, [2, 2, 2, 2])",
    "keras.Sequential([layers.Dense(10, input_shape=(4,))])",
    "Net(\n  (fc): Linear(in_features=4, out_features=2, bias=True)\n)",
    "class Net(nn.Module:\n    pass",
)
TEXTS = (
    "",
    "nn.ReLU()",
    "nn.Sequential()",
    "nn.Sequential(\n  nn.Conv4d(1, 2, 3))",
    "nn.Sequential(nn.Conv2d(1, 2))",
    "nn.Sequential(nn.Linear(1, 2, foo=3))",
    "nn.Sequential(nn.Linear(1, 2, True, 4))",
    "nn.Sequential(nn.Linear(1, 2, out_features=3))",
    "nn.Sequential(nn.Linear(1.5, 2))",
    "nn.Sequential(nn.Linear(True, 2))",
    "nn.Sequential(nn.Linear(99999, 2))",
    "nn.Sequential(nn.Conv2d(1, 2, 3, padding='sam'))",
    "nn.Sequential(nn.Dropout(2))",
    "nn.Sequential(nn.Linear(4 // 0, 2))",
    "nn.Sequential(nn.Linear(9**9**9, 2))",
    "nn.Sequential(nn.Linear(99999 * 99999, 2))",
    "nn.Sequential(nn.Linear(65536, 65536))",
    "nn.Sequential(nn.Conv2d.__init__(1))",
    "__import__('os').system('true')",
    "nn.Sequential(os.Linear(1, 2))",
    "nn.Sequential((lambda: nn.ReLU())())",
    "nn.Sequential(lambda x: x)",
    "nn.Sequential(*layers)",
    "nn.Sequential(**{'a': 1})",
    "nn.Sequential(nn.ReLU(**{}))",
    "nn.Sequential([nn.ReLU() for _ in range(3)])",
    "nn.Sequential(nn.ReLU)",
    "nn.Sequential(nn.Linear(f'{1}', 2))",
    "nn.Sequential(nn.ReLU())\nprint(1)",
    "for i in x: pass",
    "Residual(nn.ReLU())",
    "nn.Sequential(Residual(nn.ReLU(), skip=nn.ReLU()))",
    "nn.Sequential(OrderedDict([('a', nn.ReLU()), ('a', nn.ReLU())]))",
    "nn.Sequential(OrderedDict([('a.b', nn.ReLU())]))",
    "nn.Sequential(OrderedDict({'a-b': nn.ReLU()}))",
    "nn.Sequential(" * 18 + "nn.ReLU()" + ")" * 18,
    "nn.Sequential(" + "nn.ReLU()," * 501 + ")",
    "#" * 20_001,
)

# --- what is refused elsewhere; each call gets an empty folder

Refusal = Callable[[Path], Any]


def npz(name: str = "own", **changes: Any) -> Refusal:
    """A data set of one's own as a .npz, with some arrays exchanged."""

    def load(folder: Path) -> Any:
        images, of = np.zeros((6, 5, 4), np.uint8), np.arange(6, dtype=np.int64) % 3
        arrays = {"x_train": images, "y_train": of, "x_test": images, "y_test": of, **changes}
        np.savez(folder / f"{name}.npz", **{key: value for key, value in arrays.items() if value is not None})
        return datasets.load(name)

    return load


def picture(width: int = 12, height: int = 10, kind: str = "PNG") -> bytes:
    file = io.BytesIO()
    Image.new("L", (width, height), 90).save(file, kind)
    return file.getvalue()


def zipped(*names: str, content: bytes | None = None) -> Refusal:
    """Pictures of these names in a zip."""

    def keep(folder: Path) -> Any:
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w") as archive:
            for name in names:
                archive.writestr(name, picture() if content is None else content)
        return datasets.keep("pets.zip", file.getvalue())

    return keep


def card(**changes: Any) -> Refusal:
    """The checkpoint of LeNet-5 with another card."""

    def load(folder: Path) -> Any:
        one = checkpoints.load(checkpoints.shipped()["lenet5"])
        checkpoints.save(folder / "model.safetensors", one.network, checkpoints.Card(**{**vars(one.card), **changes}))
        return checkpoints.load(folder / "model.safetensors")

    return load


def foreign(name: str, read: Callable[[Path], Any], content: bytes = b"no such file") -> Refusal:
    """A file that is none of its kind."""

    def load(folder: Path) -> Any:
        (folder / name).write_bytes(content)
        return read(folder / name)

    return load


def of_config(**settings: Any) -> Refusal:
    return lambda folder: TrainConfig(**settings)


def of_text(text: str) -> Refusal:
    """A run of a network of one's own on MNIST."""
    return lambda folder: list(train(TrainConfig(network=OWN_TEXT, text=text, device="cpu", steps=1)))


def of_page(**settings: Any) -> Refusal:
    return lambda folder: Train(**settings).config()


def in_a_room(act: Callable[[Classrooms], Any]) -> Any:
    """In ABCDEF, which somebody opened."""
    rooms = Classrooms()
    rooms._classrooms["ABCDEF"] = Classroom(opener="a", used=rooms._clock())
    return act(rooms)


def lenet5() -> Any:
    return examine(zoo.build("lenet5").eval(), torch.zeros(1, 1, 32, 32))


def pixels(*shape: int, kind: Any = np.uint8) -> Any:
    return np.zeros(shape, kind)


PETS = tuple(f"{pet}/{number}.png" for pet in ("cat", "dog") for number in range(5))
REFUSALS: dict[str, dict[str, Refusal]] = {
    "settings of a run": {
        "no epochs": of_config(epochs=0),
        "a learning rate that is no number": of_config(learning_rate=float("nan")),
        "half an image": of_config(batch_size=2.5),
        "an optimiser": of_config(optimizer="adagrad"),
        "a network": of_config(network="../../etc"),
        "a seed": of_config(seed=True),
        "a schedule": of_config(schedule="warm"),
        "an augmentation": of_config(augmentation="mixup"),
        "a precision": of_config(precision="float16"),
        "label smoothing": of_config(label_smoothing=1.0),
        "a time limit": of_config(time_limit=-1),
        "a text without its network": of_config(text="nn.Sequential()"),
        "a network without its text": of_config(network=OWN_TEXT),
        "a learning rate that is typed": of_page(learning_rate="fast"),
        "a weight decay that is typed": of_page(weight_decay="1e9"),
    },
    "networks of a run": {
        "pixels left": of_text("nn.Sequential(nn.Conv2d(1, 4, 8))"),
        "three classes": of_text("nn.Sequential(nn.Flatten(), nn.Linear(784, 3))"),
        "three channels": of_text("nn.Sequential(nn.Conv2d(3, 4, 3), nn.Flatten())"),
        "no such device": lambda folder: pick_device("tpu"),
    },
    "limits of a server": {
        "epochs": lambda folder: Limits(epochs=5).admit(TrainConfig(epochs=6)),
        "a step too long": lambda folder: Limits().admit(TrainConfig(network="resnet20", batch_size=10_000)),
        "a step that takes too much": lambda folder: Limits(step_work=0, step_memory=500).admit(
            TrainConfig(network="resnet20", batch_size=512)
        ),
        "a network too large": lambda folder: Limits().admit(
            TrainConfig(network=OWN_TEXT, text=f"nn.Sequential(nn.Conv2d(1, 65536, 1), {'nn.ReLU(), ' * 12})")
        ),
        "no training": lambda folder: Limits(training=False).admit(TrainConfig()),
        "runs of one session": lambda folder: Limits(queued=3, queued_each=2).check_queue(2, 2),
        "runs in all": lambda folder: Limits(queued=3, queued_each=2).check_queue(3, 0),
        "a variable": lambda folder: Limits.from_environment({"CNNVIZ_MAX_RUNS": "many"}),
        "a variable by its old name": lambda folder: Limits.from_environment({"CNNVIZ_MOST_RUNS": "many"}),
        "the switch": lambda folder: Limits.from_environment({"CNNVIZ_TRAINING": "no"}),
    },
    "runs": {
        "no such run": lambda folder: runs.find("../../etc"),
        "no such data set": lambda folder: datasets.load("nothing"),
        "no such checkpoint": lambda folder: resources.checkpoint("gpt"),
        "no such room": lambda folder: Classrooms().board("ABCDEF"),
        "another's room": lambda folder: in_a_room(lambda rooms: rooms.close("ABCDEF", ["b"])),
        "another's run": lambda folder: resources.stop(runs.create(TrainConfig(), owner="a").id),
        "a run by hand": lambda folder: resources.stop(runs.create(TrainConfig()).id),
        "rooms in use": lambda folder: in_a_room(lambda rooms: [rooms.open(f"{n}") for n in range(MAX_ROOMS)]),
        "a nickname": lambda folder: cleaned(" \n"),
    },
    "data sets of one's own": {
        "no labels": npz(y_train=None, y_test=None),
        "normalised": npz(x_train=pixels(6, 5, 4, kind=float) - 2),
        "an empty cell": lambda folder: datasets.keep("t.csv", b"label,a,b,c,d\n0,1,2,,4\n1,5,6,7,8\n"),
        "no table of images": lambda folder: datasets.keep("t.csv", b"name,age\nAnn,7\nBob,8\n"),
        "one idx file": lambda folder: datasets.keep("train-images-idx3-ubyte", b"\0\0\x08\3" + bytes(16)),
        "no parquet": lambda folder: datasets.keep("x.parquet", b"PAR1"),
        "an archive of another kind": lambda folder: datasets.keep("pets.rar", b"hello"),
        "a pickle of arrays": lambda folder: datasets.keep("pets.pkl", b"hello"),
        "a photo of an iPhone": lambda folder: datasets.keep("cat.heic", b"hello"),
        "flat": npz(x_train=pixels(6, 20)),
        "five channels": npz(x_train=pixels(6, 5, 4, 5)),
        "empty": npz(x_train=pixels(0, 5, 4), y_train=pixels(0, kind=int)),
        "fewer labels": npz(y_train=pixels(5, kind=int)),
        "broken labels": npz(y_train=np.arange(6) / 2),
        "two labels each": npz(y_train=pixels(6, 2, kind=int)),
        "a negative label": npz(y_train=np.array([0, 1, 2, 0, 1, -1])),
        "one class": npz(y_train=np.zeros(6, int), y_test=np.zeros(6, int)),
        "two sizes": npz(x_test=pixels(6, 4, 4)),
        "one class named": npz(classes=np.array(["cat"])),
        "many classes named": npz(classes=np.array([f"class {index}" for index in range(1001)])),
        "a long name of a class": npz(classes=np.array(["a", "b", "c" * 81])),
        "a pickle": npz(x_train=np.array([{}] * 6, object)),
        "no npz": foreign("own.npz", lambda path: datasets.load("own")),
        "no data": lambda folder: datasets.keep("notes.odt", b"hello"),
        "no zip": lambda folder: datasets.keep("broken.zip", b""),
        "no pictures": zipped("readme.txt"),
        "no folders": zipped("1.png", "2.png"),
        "two ways to take it": zipped("a/cat/1.png", "a/dog/1.png", "b/cat/1.png", "b/dog/1.png"),
        "pictures of another kind": zipped("cat/1.heic", "dog/1.heic"),
        "one class of pictures": zipped(*(f"cat/{number}.png" for number in range(9))),
        "too few": zipped("cat/1.png", "dog/1.png"),
        "leaves the zip": zipped(*PETS, "../cat/1.png"),
        "no picture": zipped(*PETS, content=b"not a picture"),
    },
    "checkpoints": {
        "another network": card(network="mnist_cnn"),
        "other weights": card(network="conv_mnist", input_shape=(1, 28, 28)),
        "no such network": card(network="gpt"),
        "no standard deviation": card(std=(0.0,)),
        "two means": card(mean=(0.1, 0.2)),
        "eleven classes": card(classes=tuple("abcdefghijk")),
        "no checkpoint": foreign("foreign.safetensors", checkpoints.load),
    },
    "pictures": {
        "empty": lambda folder: read_upload(b""),
        "notes": lambda folder: read_upload(b"just some notes, renamed to picture.png"),
        "a drawing": lambda folder: read_upload(b"<svg xmlns='http://www.w3.org/2000/svg'/>"),
        "cut short": lambda folder: read_upload(picture(300, 300)[:200]),
        "many bytes": lambda folder: read_upload(bytes((10 << 20) + 1)),
        "many pixels": lambda folder: read_upload(picture(6000, 6000)),
        "narrow": lambda folder: read_upload(picture(900, 20)),
        "a tiff": lambda folder: read_upload(picture(kind="TIFF")),
    },
    "drawings": {
        "an empty pad": lambda folder: to_mnist(pixels(28, 28)),
        "floats": lambda folder: to_mnist(pixels(28, 28, kind=float)),
        "colour": lambda folder: to_mnist(pixels(28, 28, 3)),
        "an empty photograph": lambda folder: pipeline(pixels(28, 28), photo=True),
        "a link that was cut": lambda folder: from_text("AAAA"),
        "no picture": lambda folder: decoded({"picture": 3}),
        "a picture that the browser cannot read": lambda folder: paper._unsent(3_456_789),
        "a picture too large to be sent": lambda folder: paper._unsent(12 << 20),
        "few pixels": lambda folder: decoded({"id": "1", "picture": "AQEB"}),
        "one named drawing": lambda folder: as_npz([]),
    },
    "arithmetic": {
        "a kernel that does not fit": lambda folder: arithmetic.output_size(5, 7),
        "no stride": lambda folder: arithmetic.output_size(5, 3, stride=0),
        "nothing left": lambda folder: arithmetic.transposed_output_size(1, 1, padding=1),
        "output padding": lambda folder: arithmetic.transposed_output_size(3, 3, stride=2, output_padding=2),
        "no kernel": lambda folder: arithmetic.transposed_output_size(3, 0),
        "groups": lambda folder: arithmetic.convolution_parameters(3, 4, 3, 3, groups=2),
        "reflecting": lambda folder: windows.pad(np.zeros((3, 3)), 3, 0, "reflect"),
        "a stack": lambda folder: Stack((Layer("convolution", 9),), 8).sizes(),
        "kernels of two sizes": lambda folder: effective_field.layer_of(nn.Conv2d(1, 1, (3, 5))),
        "same padding": lambda folder: effective_field.layer_of(nn.Conv2d(1, 1, 3, padding="same")),
        "rounded up": lambda folder: effective_field.layer_of(nn.MaxPool2d(2, ceil_mode=True)),
        "a frame": lambda folder: Preprocessing((0.0,), (1.0,), (32, 32))(torch.zeros(1, 1, 33, 28, dtype=torch.uint8)),
        "a chart": lambda folder: lines("key", [{"name": "a", "colour": "#000", "x": [1, 2], "y": [1, 2, 3]}]),
    },
    "what is typed": {
        "nothing": lambda folder: read_number(""),
        "no number": lambda folder: read_number("abc"),
        "not finite": lambda folder: read_number("inf"),
        "too large": lambda folder: read_number("1e7"),
        "a choice that is none": lambda folder: accepted(Train, "axis", "weeks"),
        "another kind": lambda folder: accepted(Train, "axis", 7),
        "a long text": lambda folder: accepted(Train, "text", "x" * 100_001),
        "an empty block": lambda folder: grids.read_block(" \n"),
        "a large block": lambda folder: grids.grown_size(((0.0,),), 20, 2, (16, 16)),
        "a long link as a code": lambda folder: qr_code("x" * (MAX_BYTES + 1)),
        "no such exercise": lambda folder: lessons.exercise("shapes", "cell-1-1"),
        "no such lesson": lambda folder: lessons.exercise("os", "cell"),
        "no such network": lambda folder: zoo.build("lenet6"),
        "a network without a text": lambda folder: notation.write(zoo.weightless("resnet18")),
        "a layer without a text": lambda folder: notation.write(S(nn.Bilinear(1, 2, 3))),
    },
    "inside a network": {
        "no such unit": lambda folder: unit(lenet5(), "conv1", (6, 0, 0)),
        "no such step": lambda folder: lenet5().step("conv9"),
        "no map": lambda folder: grad_cam(zoo.build("lenet5"), torch.zeros(1, 1, 32, 32), 3, "fc1"),
    },
}

# --- what is said otherwise

WORDS: dict[str, Callable[[], str | list[str]]] = {
    "a lock of three settings": lambda: locks.describe(Lock(("x", "w", "stride"))),
    "a lock of one": lambda: locks.describe(Lock(("x",))),
    "what a lock refuses": lambda: locks.refusal(["w"]),
    "a ragged block": lambda: grids.read_block("1\t2\t3\n4\t5\n")[1],
    "a run in one line": lambda: describe(TrainConfig(schedule="one_cycle", weight_decay=1e-4, augmentation="flip")),
    "what sets two runs apart": lambda: labels([TrainConfig(), TrainConfig(learning_rate=0.01)]),
    "what sets three runs apart": lambda: labels([TrainConfig(), TrainConfig(network="cnn_max", epochs=5)] * 2),
    "a run without room": lambda: out_of_memory_hint(TrainConfig(batch_size=10)),
    "a run without room for one image": lambda: out_of_memory_hint(TrainConfig(batch_size=1)),
    "a loss that explodes": lambda: str(diverged(float("nan"), 7, TrainConfig(learning_rate=100))),
    "another network on the page": lambda: Train(network="resnet20").validated(["network"])[1],
    "another data set on the page": lambda: Train(dataset="cifar10").validated(["dataset"])[1],
}
