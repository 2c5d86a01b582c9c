"""What is said about a kernel on a picture: the PyTorch code, remarks, what is worth trying."""

from cnnviz.lessons.common.format import plural
from cnnviz.lessons.common.settings import Challenges, Values
from cnnviz.lessons.common.snippets import nested
from cnnviz.lessons.filters.settings import KERNELS, Filtered
from cnnviz.links import number_text


def code(result: Filtered) -> str:
    """The PyTorch code that does it, to copy and run."""
    settings, (height, width) = result.settings, result.picture.shape
    (top, bottom), (left, right) = settings.ring
    mode = "constant" if settings.padding == "zeros" else settings.padding
    pad = f'x = F.pad(x, ({left}, {right}, {top}, {bottom}), mode="{mode}")\n'
    name = "max" if settings.pool == "max" else "avg"
    return (
        "import numpy as np\nimport torch\nimport torch.nn.functional as F\nfrom PIL import Image\n\n"
        'picture = np.asarray(Image.open("picture.png").convert("L"), dtype=float)\n'
        f"x = torch.tensor(picture)[None, None]  # (N, C, H, W) = (1, 1, {height}, {width})\n"
        f"w = torch.tensor([[{nested(settings.w)}]], dtype=torch.float64)\n"
        f"b = torch.tensor([{number_text(settings.b[0][0])}], dtype=torch.float64)\n"
        f"{'' if settings.padding == 'none' else pad}y = F.conv2d(x, w, b, stride={settings.stride})\n"
        + "y = F.relu(y)\n" * settings.relu
        + f"y = F.{name}_pool2d(y, {settings.window})\n" * (settings.pool != "none")
        + "print(y.shape)\n"
    )


def remarks(result: Filtered) -> list[str]:
    """What is easily overlooked on the stage."""
    lines, window, (height, width) = [], result.settings.window, result.rectified.shape
    if result.pooled is not None and (height % window or width % window):
        left = [(height % window, "row"), (width % window, "column")]
        parts = " and ".join(plural(n, name) for n, name in left if n)
        lines.append(
            f"{height} × {width} does not divide by {window}: the last {parts} are in no pooling window, as in PyTorch."
        )
    low, high = float(result.convolved.min()), float(result.convolved.max())
    if not result.signed and (low < result.scale[0] - 0.5 or high > result.scale[1] + 0.5):  # half a grey level
        values = f"from {low:.6g} to {high:.6g}".replace("-", "−")
        lines.append(
            f"The convolved values go {values}; what is beyond 0 and {result.scale[1]:.6g} is black or white "
            "here. Signed colours (More) show all of it."
        )
    return lines


PLAIN: Values = {
    "b": ((0.0,),),
    "padding": "none",
    "stride": 1,
    "pool": "none",
    "colours": "automatic",
}

CHALLENGES: Challenges = {
    "One direction": (
        "Sobel x on rings, without ReLU: which stripes light up, and at which angle is the answer zero? "
        "Then try Sobel y.",
        PLAIN | {"picture": "Zone plate", "w": KERNELS["Sobel x"], "relu": False},
    ),
    "Half of the edges": (
        "A stroke has two edges, one positive and one negative, and ReLU keeps only one of them. Which "
        "numbers of the kernel do you change to get the other one?",
        PLAIN | {"picture": "Letters", "w": KERNELS["Sobel x"], "relu": True},
    ),
    "A frame from nowhere": (
        "The picture has no frame, but the result has one on the left and on the right. Which padding makes "
        "it, and which one does not?",
        PLAIN | {"picture": "Checkerboard", "w": KERNELS["Sobel x"], "padding": "zeros", "relu": False},
    ),
    "Blind to brightness": (
        "The disc grows brighter from left to right, and hardly anything is left of it. What is the "
        "Laplacian of an even slope?",
        PLAIN | {"picture": "Checkerboard", "w": KERNELS["Laplacian"], "padding": "replicate", "relu": True},
    ),
    "Max or average": (
        "After max pooling the outline of the seven is still bright. Change it to average: where did it go?",
        PLAIN | {"picture": "Digit", "w": KERNELS["Laplacian"], "relu": True, "pool": "max", "window": 6},
    ),
}
