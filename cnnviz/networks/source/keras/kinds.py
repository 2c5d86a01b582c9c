"""The layers of Keras by their names, and what each is given, in Keras's order (https://keras.io/api/layers)."""

import re
from dataclasses import dataclass
from typing import Any

Shape = tuple[int | None, ...]  # without the batch, channels last; None where a size is not given


@dataclass(frozen=True)
class Printed:
    """What the row of a table says that a layer gives: its own name and that of the row above it, its output's shape
    without the batch, and how many weights it has, without running means."""

    name: str
    above: str
    shape: Shape
    weights: int


@dataclass(frozen=True)
class Call:
    """A layer of Keras with the values that it is given by name; `line` is where it stands, 0 for nowhere; `printed` is
    what a table says of it."""

    kind: str
    arguments: dict[str, Any]
    line: int = 0
    printed: Printed | None = None


class NoCounterpartError(ValueError):
    """A sentence that says what PyTorch has no counterpart of."""


_WINDOW = ("strides", "padding", "data_format", "dilation_rate")
_CONVOLUTION = ("filters", "kernel_size", *_WINDOW, "groups", "activation", "use_bias")
_POOL = ("pool_size", "strides", "padding", "data_format")
_GLOBAL = ("data_format", "keepdims")
_TRANSPOSED = (
    *("filters", "kernel_size", "strides", "padding", "data_format", "dilation_rate"),
    *("activation", "use_bias"),
)
_SEPARABLE = ("filters", "kernel_size", *_WINDOW, "depth_multiplier", "activation", "use_bias")
_DEPTHWISE = ("kernel_size", "strides", "padding", "depth_multiplier", "data_format", "dilation_rate")
# of each kind the parameters in Keras's order, for values that are given by their place
PARAMETERS: dict[str, tuple[str, ...]] = {
    "Input": ("shape",),
    **{f"Conv{n}D": _CONVOLUTION for n in (1, 2, 3)},
    **{f"Conv{n}DTranspose": _TRANSPOSED for n in (1, 2, 3)},
    **{f"SeparableConv{n}D": _SEPARABLE for n in (1, 2)},
    **{f"DepthwiseConv{n}D": (*_DEPTHWISE, "activation", "use_bias") for n in (1, 2)},
    **{f"{kind}Pooling{n}D": _POOL for kind in ("Max", "Average") for n in (1, 2, 3)},
    **{f"Global{kind}Pooling{n}D": _GLOBAL for kind in ("Max", "Average") for n in (1, 2, 3)},
    **{f"ZeroPadding{n}D": ("padding", "data_format") for n in (1, 2, 3)},
    **{f"Cropping{n}D": ("cropping", "data_format") for n in (2, 3)},
    "Cropping1D": ("cropping",),
    **{f"UpSampling{n}D": ("size", "data_format", "interpolation") for n in (1, 2, 3)},
    "UpSampling1D": ("size",),
    "Flatten": ("data_format",),
    "Reshape": ("target_shape",),
    "Dense": ("units", "activation", "use_bias"),
    "Dropout": ("rate", "noise_shape", "seed"),
    "AlphaDropout": ("rate", "noise_shape", "seed"),
    **{f"SpatialDropout{n}D": ("rate", "data_format") for n in (2, 3)},
    "SpatialDropout1D": ("rate",),
    "BatchNormalization": ("axis", "momentum", "epsilon", "center", "scale"),
    "LayerNormalization": ("axis", "epsilon", "center", "scale"),
    "GroupNormalization": ("groups", "axis", "epsilon", "center", "scale"),
    "Activation": ("activation",),
    "ReLU": ("max_value", "negative_slope", "threshold"),
    "LeakyReLU": ("negative_slope",),
    "ELU": ("alpha",),
    "PReLU": ("alpha_initializer", "alpha_regularizer", "alpha_constraint", "shared_axes"),
    "Softmax": ("axis",),
    "Rescaling": ("scale", "offset"),
    "Resizing": ("height", "width", "interpolation", "crop_to_aspect_ratio", "pad_to_aspect_ratio", "antialias"),
    **dict.fromkeys(("CenterCrop", "RandomCrop"), ("height", "width")),
}
ALIASES = {
    "InputLayer": "Input",
    **{f"MaxPool{n}D": f"MaxPooling{n}D" for n in (1, 2, 3)},
    **{f"AvgPool{n}D": f"AveragePooling{n}D" for n in (1, 2, 3)},
    **{f"GlobalMaxPool{n}D": f"GlobalMaxPooling{n}D" for n in (1, 2, 3)},
    **{f"GlobalAvgPool{n}D": f"GlobalAveragePooling{n}D" for n in (1, 2, 3)},
    **{f"Convolution{n}D": f"Conv{n}D" for n in (1, 2, 3)},
    **{f"Convolution{n}DTranspose": f"Conv{n}DTranspose" for n in (2, 3)},
    "SeparableConvolution2D": "SeparableConv2D",
    **dict.fromkeys(("BatchNormalizationV1", "BatchNormalizationV2"), "BatchNormalization"),
}
# layers of Keras that are not translated, and why
WITHOUT = {
    "Embedding": "it takes integers, such as the numbers of words, and a picture is made of real numbers",
    **dict.fromkeys(
        ("LSTM", "GRU", "SimpleRNN", "Bidirectional", "ConvLSTM2D"),
        "in PyTorch it gives its output and its state, so that it needs a class with a forward",
    ),
    "TimeDistributed": "it does the same at each step of a row, which in PyTorch is a line of forward",
    **dict.fromkeys(
        ("Add", "Concatenate", "Multiply", "Average", "Attention", "MultiHeadAttention", "Dot", "Maximum"),
        "it takes more than one tensor, so that it needs a class with a forward",
    ),
    **dict.fromkeys(("Lambda", "Permute", "RepeatVector"), "in PyTorch that is a line of forward, not a layer"),
    **dict.fromkeys(("GaussianNoise", "GaussianDropout"), "torch.nn has no such layer"),
    **dict.fromkeys(("LocallyConnected1D", "LocallyConnected2D"), "torch.nn has no such layer"),
    **dict.fromkeys(("ThresholdedReLU", "Masking", "UnitNormalization"), "torch.nn has no such layer"),
}
# ready-made networks of Keras, and what torchvision calls the same one, '' where it has none
READY_MADE = {
    **{f"ResNet{n}": f"resnet{n}" for n in (50, 101, 152)},
    **{f"VGG{n}": f"vgg{n}" for n in (16, 19)},
    **{f"DenseNet{n}": f"densenet{n}" for n in (121, 169, 201)},
    **{f"EfficientNetB{n}": f"efficientnet_b{n}" for n in range(8)},
    **{f"EfficientNetV2{size}": f"efficientnet_v2_{size.lower()}" for size in "SML"},
    **{f"ConvNeXt{size}": f"convnext_{size.lower()}" for size in ("Tiny", "Small", "Base", "Large")},
    **{f"MobileNetV3{size}": f"mobilenet_v3_{size.lower()}" for size in ("Small", "Large")},
    "MobileNetV2": "mobilenet_v2",
    "InceptionV3": "inception_v3",
    **dict.fromkeys(
        ("MobileNet", "Xception", "InceptionResNetV2", "NASNetMobile", "NASNetLarge", "ConvNeXtXLarge"), ""
    ),
    **dict.fromkeys((*(f"ResNet{n}V2" for n in (50, 101, 152)), *(f"EfficientNetV2B{n}" for n in range(4))), ""),
}
DIFFERS = {  # what torchvision's has otherwise
    **dict.fromkeys(
        ("ResNet50", "ResNet101", "ResNet152"),
        "there the convolutions have no biases, and the stride of 2 is that of a block's 3 x 3 convolution and not of "
        "its first 1 x 1",
    ),
    "InceptionV3": "there the norms have a scale beside their shift, and a second classifier is there for training",
}
PREPARING = {  # layers that prepare pictures
    *("RandomFlip", "RandomRotation", "RandomZoom", "RandomTranslation", "RandomContrast", "RandomBrightness"),
    *("RandomHeight", "RandomWidth", "RandomShear", "RandomHue", "RandomSaturation", "RandomSharpness"),
    *("RandomPerspective", "RandomErasing", "RandomGrayscale", "RandomColorJitter", "RandomGaussianBlur"),
    *("RandomInvert", "RandomPosterization", "RandomColorDegeneration", "RandomElasticTransform", "RandAugment"),
    *("AutoContrast", "Equalization", "Solarization", "AugMix", "CutMix", "MixUp", "Normalization"),
}
BEFORE = {*PREPARING, "Input", "Rescaling", "Resizing", "CenterCrop", "RandomCrop"}  # what stands before a network
KINDS = frozenset({*PARAMETERS, *ALIASES, *WITHOUT, *PREPARING})
SHAPES = ("input_shape", "shape", "batch_input_shape", "batch_shape", "input_dim")  # of what comes in
IGNORED = re.compile(
    r"name|dtype|trainable|seed|batch_size|sparse|ragged"
    r"|renorm.*|fused|virtual_batch_size|synchronized|moving_\w+|autocast|noise_shape|pad_mode"
    r"|(kernel|bias|depthwise|pointwise|beta|gamma|alpha|activity)_(initializer|constraint)"
)
