"""Networks as somebody types them, for pictures of 1 × 28 × 28 and ten classes: every layer that a text may name, and
the ends, folds and orders that are not those of a textbook."""


def _sequential(*layers: str) -> str:
    return f"nn.Sequential({', '.join(layers)})"


FLAT = ("nn.Flatten()", "nn.Linear(784, 10)")
ROWS = "nn.Flatten(1, 2)"  # (N, 28, 28)
CONV = "nn.Conv2d(1, 4, 3)"  # (N, 4, 26, 26)
END = ("nn.Flatten()", "nn.Linear(4 * 26 * 26, 10)")

# those that give one score a class
TEXTS = {
    "linear": _sequential(*FLAT),
    "more scores than classes": _sequential("nn.Flatten()", "nn.Linear(784, 12)"),
    "without bias": _sequential("nn.Conv2d(1, 4, 3, bias=False)", "nn.Flatten()", "nn.Linear(2704, 10, bias=False)"),
    "named": "nn.Sequential(OrderedDict([('conv', nn.Conv2d(1, 4, 3)), ('act', nn.ReLU()), ('flat', nn.Flatten()), "
    "('out', nn.Linear(2704, 10))]))",
    "nested": _sequential(
        "nn.Sequential(nn.Sequential(nn.Conv2d(1, 4, 3)), nn.ReLU())",
        "nn.Sequential(nn.Flatten())",
        "nn.Linear(2704, 10)",
    ),
    "one large convolution": _sequential("nn.Conv2d(1, 10, 28)", "nn.Flatten()"),
    # writes in place
    "ReLU in place first": _sequential("nn.ReLU(inplace=True)", *FLAT),
    "ReLU in place": _sequential(
        CONV, "nn.ReLU(inplace=True)", "nn.MaxPool2d(2)", "nn.Flatten()", "nn.Linear(676, 10)"
    ),
    "in place after what is kept": _sequential(
        CONV,
        "nn.Sigmoid()",
        "nn.ReLU(inplace=True)",
        "nn.Tanh()",
        "nn.SELU(inplace=True)",
        "nn.Mish(inplace=True)",
        *END,
    ),
    "in place behind a fold": _sequential(
        "nn.Conv2d(1, 4, 3)", "nn.Flatten()", "nn.ReLU6(inplace=True)", "nn.Linear(2704, 10)"
    ),
    "dropout in place": _sequential("nn.Dropout(0.5, inplace=True)", *FLAT),
    # folds
    "rows": _sequential(ROWS, "nn.Linear(28, 16)", "nn.ReLU()", "nn.Flatten()", "nn.Linear(448, 10)"),
    "unfolded into rows": _sequential(
        "nn.Flatten()", "nn.Unflatten(1, (28, 28))", "nn.Linear(28, 10)", "nn.Flatten()", "nn.Linear(280, 10)"
    ),
    "unfolded into maps": _sequential(
        "nn.Flatten()",
        "nn.Linear(784, 36)",
        "nn.Unflatten(1, (1, 6, 6))",
        "nn.Conv2d(1, 4, 3)",
        "nn.Flatten()",
        "nn.Linear(64, 10)",
    ),
    "four axes": _sequential(
        "nn.Conv2d(1, 6, 3)", "nn.Unflatten(1, (2, 3))", "nn.Tanh()", "nn.Flatten()", "nn.Linear(6 * 26 * 26, 10)"
    ),
    "six axes": _sequential(
        "nn.Conv2d(1, 8, 5, stride=2)",
        "nn.Unflatten(1, (2, 2, 2))",
        "nn.ReLU()",
        "nn.Softmax(2)",
        "nn.Flatten()",
        "nn.Linear(8 * 144, 10)",
    ),
    "columns into one axis": _sequential(
        CONV, "nn.Flatten(2, 3)", "nn.Linear(676, 3)", "nn.Flatten()", "nn.Linear(12, 10)"
    ),
    "linear along the columns": _sequential(
        "nn.Conv2d(1, 2, 3, padding=1)", "nn.Linear(28, 28)", "nn.Flatten()", "nn.Linear(2 * 784, 10)"
    ),
    # rows, as in a text or a sound
    "conv1d": _sequential(
        ROWS, "nn.Conv1d(28, 8, 3, padding=1)", "nn.ReLU()", "nn.MaxPool1d(2)", "nn.Flatten()", "nn.Linear(112, 10)"
    ),
    "conv1d of all kinds": _sequential(
        ROWS,
        "nn.Conv1d(28, 14, 5, stride=2, dilation=2, groups=7, padding=3)",
        "nn.BatchNorm1d(14)",
        "nn.AvgPool1d(3, 2, padding=1)",
        "nn.Conv1d(14, 6, 4, padding='same', padding_mode='circular')",
        "nn.AdaptiveAvgPool1d(4)",
        "nn.Flatten()",
        "nn.Linear(24, 10)",
    ),
    "pooling without channels": _sequential(
        ROWS,
        "nn.MaxPool2d(2)",
        "nn.AvgPool2d((2, 1))",
        "nn.AdaptiveAvgPool2d((3, 5))",
        "nn.Flatten()",
        "nn.Linear(15, 10)",
    ),
    "pooling of features": _sequential(
        "nn.Flatten()", "nn.MaxPool1d(2)", "nn.AvgPool1d(2)", "nn.AdaptiveAvgPool1d(20)", "nn.Linear(20, 10)"
    ),
    # normalisation
    "batch norm": _sequential(CONV, "nn.BatchNorm2d(4)", "nn.ReLU()", *END),
    "batch norm without weights": _sequential(CONV, "nn.BatchNorm2d(4, affine=False)", *END),
    "batch norm without memory": _sequential(CONV, "nn.BatchNorm2d(4, track_running_stats=False)", "nn.ReLU()", *END),
    "batch norm without either": _sequential(CONV, "nn.BatchNorm2d(4, 0.1, None, False, False)", *END),
    "batch norm of features": _sequential(
        "nn.Flatten()", "nn.Linear(784, 32)", "nn.BatchNorm1d(32, affine=False)", "nn.ReLU()", "nn.Linear(32, 10)"
    ),
    "batch norm of one number": _sequential(
        "nn.Flatten()", "nn.Linear(784, 32)", "nn.BatchNorm1d(32, track_running_stats=False)", "nn.Linear(32, 10)"
    ),
    "batch norm of rows": _sequential(ROWS, "nn.BatchNorm1d(28, track_running_stats=False)", *FLAT),
    "instance norm": _sequential(CONV, "nn.InstanceNorm2d(4)", "nn.ReLU()", *END),
    "instance norm with all": _sequential(CONV, "nn.InstanceNorm2d(4, affine=True, track_running_stats=True)", *END),
    "instance norm without channels": _sequential(ROWS, "nn.InstanceNorm2d(1)", *FLAT),
    "layer norms": _sequential(
        CONV,
        "nn.LayerNorm(26)",
        "nn.LayerNorm((4, 26, 26), bias=False)",
        "nn.Flatten()",
        "nn.LayerNorm(2704, elementwise_affine=False)",
        "nn.Linear(2704, 10)",
    ),
    "group norm": _sequential(
        "nn.Conv2d(1, 6, 3)",
        "nn.GroupNorm(3, 6)",
        "nn.GroupNorm(1, 6, affine=False)",
        "nn.Flatten()",
        "nn.GroupNorm(2, 4056)",
        "nn.Linear(4056, 10)",
    ),
    "local response norm": _sequential(CONV, "nn.LocalResponseNorm(3, alpha=0.1)", *END),
    # ends, and softmax elsewhere
    "softmax at the end": _sequential(*FLAT, "nn.Softmax(dim=1)"),
    "log softmax at the end": _sequential(*FLAT, "nn.LogSoftmax(dim=-1)"),
    "softmax without an axis": _sequential(CONV, "nn.Softmax()", *END),
    "softmax over the pictures": _sequential(*FLAT, "nn.Softmax(dim=0)"),
    "log softmax along rows": _sequential(CONV, "nn.LogSoftmax(dim=-2)", *END),
    "softmax twice": _sequential(*FLAT, "nn.Softmax(1)", "nn.Softmax(1)"),
    # what does nothing, or is left out
    "identity and dropout": _sequential(
        "nn.Dropout(0.2)",
        "nn.Identity()",
        "nn.Dropout2d()",
        CONV,
        "nn.Dropout2d(0.3)",
        "nn.Dropout()",
        "nn.Flatten()",
        "nn.Dropout()",
        "nn.Linear(2704, 10)",
        "nn.Dropout()",
        "nn.Identity()",
    ),
    # branches
    "residual": _sequential(
        "nn.Conv2d(1, 4, 3, padding=1)",
        "Residual(nn.Conv2d(4, 4, 3, padding=1), nn.ReLU())",
        "nn.Flatten()",
        "nn.Linear(4 * 784, 10)",
    ),
    "residual in place": _sequential(
        CONV, "Residual(nn.ReLU(inplace=True), nn.Conv2d(4, 4, 3, padding=1), shortcut=nn.Conv2d(4, 4, 1))", *END
    ),
    "residual in place on both ways": _sequential(
        CONV, "Residual(nn.ReLU(inplace=True), shortcut=nn.LeakyReLU(0.2, inplace=True))", *END
    ),
    "residual of nothing": _sequential("Residual(nn.Identity())", CONV, "Residual(nn.Dropout())", *END),
    "residual of residuals": _sequential(
        CONV, "Residual(Residual(nn.GELU(), shortcut=nn.SiLU()), nn.BatchNorm2d(4))", *END
    ),
    # windows
    "groups, dilation, padding": _sequential(
        "nn.Conv2d(1, 6, (3, 5), padding=(2, 1), dilation=(2, 1))",
        "nn.Conv2d(6, 12, 4, padding='same', groups=3, padding_mode='reflect')",
        "nn.Conv2d(12, 4, (1, 2), (3, 2), padding_mode='replicate', padding=(2, 3))",
        "nn.Conv2d(4, 4, 3, padding='valid', groups=4)",
        "nn.AdaptiveAvgPool2d(2)",
        "nn.Flatten()",
        "nn.Linear(16, 10)",
    ),
    "a window larger than the picture": _sequential(
        "nn.Conv2d(1, 2, 31, padding=15, stride=9)", "nn.Flatten()", "nn.Linear(32, 10)"
    ),
    "poolings": _sequential(
        CONV,
        "nn.AvgPool2d(3, 2, padding=1, ceil_mode=True)",
        "nn.MaxPool2d(3, 2, padding=1, dilation=2, ceil_mode=True)",
        "nn.AvgPool2d(3, 1, padding=1, count_include_pad=False)",
        "nn.AdaptiveMaxPool2d((2, 3))",
        "nn.Flatten()",
        "nn.Linear(24, 10)",
    ),
    "an average of all": _sequential("nn.Conv2d(1, 10, 3)", "nn.ReLU()", "nn.AdaptiveAvgPool2d(1)", "nn.Flatten()"),
    "zeros around it": _sequential(
        "nn.ZeroPad2d((1, 2, 3, 4))", "nn.Conv2d(1, 2, 5, stride=2)", "nn.Flatten()", "nn.Linear(2 * 16 * 14, 10)"
    ),
    "transposed": _sequential(
        "nn.ConvTranspose2d(1, 4, 3, stride=2, padding=1, output_padding=1)",
        "nn.ReLU()",
        "nn.ConvTranspose2d(4, 4, 3, padding=1, groups=2)",
        "nn.MaxPool2d(4)",
        "nn.Flatten()",
        "nn.Linear(4 * 196, 10)",
    ),
    "upsampled": _sequential(
        "nn.Upsample(scale_factor=2)",
        CONV.replace("3)", "5, stride=2)"),
        "nn.Upsample(size=(9, 20), mode='bilinear', align_corners=True)",
        "nn.Upsample(scale_factor=0.5, mode='bicubic')",
        "nn.AdaptiveAvgPool2d(3)",
        "nn.Flatten()",
        "nn.Linear(36, 10)",
    ),
    # activations
    "activations": _sequential(
        "nn.Flatten()",
        "nn.Linear(784, 20)",
        "nn.ReLU6()",
        "nn.LeakyReLU(0.1)",
        "nn.PReLU()",
        "nn.ELU(0.5)",
        "nn.SELU()",
        "nn.GELU('tanh')",
        "nn.SiLU()",
        "nn.Mish()",
        "nn.Hardswish()",
        "nn.Softplus(2)",
        "nn.Sigmoid()",
        "nn.Tanh()",
        "nn.Linear(20, 10)",
    ),
    "a slope for each channel": _sequential(CONV, "nn.PReLU(4)", *END),
    "many channels": _sequential(
        "nn.Conv2d(1, 700, 1, stride=4)", "nn.AdaptiveAvgPool2d(1)", "nn.Flatten()", "nn.Linear(700, 10)"
    ),
}

# those that give no score for each class, or mix pictures: neither trained nor shown
REFUSED = {
    "maps": _sequential("nn.Conv2d(1, 10, 28)"),
    "rows at the end": _sequential(ROWS, "nn.Linear(28, 10)"),
    "a linear layer on maps": _sequential("nn.Linear(28, 10)"),
    "nothing at all": _sequential("nn.Identity()"),
    "an activation": _sequential("nn.ReLU()"),
    "too few": _sequential("nn.Flatten()", "nn.Linear(784, 9)"),
    "one picture alone": _sequential("nn.Flatten(0)", "nn.Unflatten(0, (1, 784))", "nn.Linear(784, 10)"),
    "pictures as channels": _sequential("nn.Flatten(0, 1)", "nn.Conv2d(1, 4, 3)", "nn.Flatten()", "nn.Linear(676, 10)"),
    "pictures in one row": _sequential("nn.Flatten(0)"),
    "what does not fit": _sequential("nn.Flatten()", "nn.Linear(100, 10)"),
}

# what an ordinary network is not: too much memory for one picture, or too much work for all
LARGE = (
    "nn.Sequential(nn.Conv2d(1, 65536, 1), "
    + "nn.ReLU(), " * 12
    + ("nn.Conv2d(65536, 1, 1), nn.Flatten(), nn.Linear(784, 10))")
)
LABORIOUS = _sequential(
    "nn.Conv2d(1, 1000, 3, padding=1)",
    "nn.Conv2d(1000, 1000, 3, padding=1)",
    "nn.AdaptiveAvgPool2d(1)",
    "nn.Flatten()",
    "nn.Linear(1000, 10)",
)
