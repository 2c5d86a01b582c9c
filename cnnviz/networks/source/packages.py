"""What a text takes of other packages: their layers and functions, written down in `packages/*.txt` in the words that
this reader reads, and read as the text itself is.

The places of their trees are line 0, so that what is wrong in one is told where the text calls it, and no fix is a
change of a line that the text does not have.
"""

from __future__ import annotations

import ast
from functools import lru_cache
from importlib import resources
from importlib.util import find_spec
from pathlib import Path
from threading import RLock
from typing import TYPE_CHECKING, Any

from cnnviz.networks.source import bounds, patterns, tables, versions
from cnnviz.networks.source.values import Brought, Class, Function, Known, Namespace, Opaque, Scope

if TYPE_CHECKING:
    from cnnviz.networks.source.interpreter import Interpreter

LINE = 0  # where all of it stands
_CARRYING_OUT = RLock()
_MODELS = "torchvision.models."
_CLASSES = {  # by torchvision's files, what a text takes of its networks to build its own
    "resnet": "ResNet BasicBlock Bottleneck conv1x1 conv3x3",
    "vgg": "VGG make_layers cfgs",
    "alexnet": "AlexNet",
    "densenet": "DenseNet",
    "googlenet": "GoogLeNet BasicConv2d Inception InceptionAux",
    "inception": "Inception3",
    "mobilenetv2": "MobileNetV2 InvertedResidual",
    "mobilenetv3": "MobileNetV3",
    "shufflenetv2": "ShuffleNetV2",
    "squeezenet": "SqueezeNet Fire",
    "efficientnet": "EfficientNet MBConv MBConvConfig",
    "convnext": "ConvNeXt CNBlock CNBlockConfig LayerNorm2d",
    "vision_transformer": "VisionTransformer Encoder EncoderBlock",
    "swin_transformer": "SwinTransformer",
    "mnasnet": "MNASNet",
    "maxvit": "MaxVit",
}
_EINOPS = {
    "rearrange": Known("einops.rearrange", patterns.rearrange),
    "reduce": Known("einops.reduce", patterns.reduce),
    "repeat": Known("einops.repeat", patterns.repeat),
    "einsum": Known("einops.einsum", patterns.einsum),
    "pack": Known("einops.pack", patterns.pack),
    "unpack": Known("einops.unpack", patterns.unpack),
}


def _keep_given(interpreter: Interpreter, node: ast.AST, of: Any, ignore: Any = ()) -> None:
    """d2l's save_hyperparameters(): what __init__ was given are attributes."""
    left_out = {*interpreter.items(ignore, node)}
    for name, value in of.__dict__.get("_given", {}).items():
        if name not in left_out:
            interpreter.assign(of, name, value, node)


def _add_method(interpreter: Interpreter, node: ast.AST, kind: Any, function: Any) -> None:
    """d2l's add_to_class: a function that stands below a class as one of its methods."""
    if not isinstance(kind, Class) or not isinstance(function, Function) or kind.made is not None:
        raise interpreter.wrong(node, f"a class is wanted here, and this is {bounds.describe(kind)}")
    function.owner = kind
    kind.members[function.name] = function


_GIVEN: dict[str, dict[str, Any]] = {  # what the text of a package asks for, and cannot say itself
    "d2l": {
        "keep_given": Known("save_hyperparameters", _keep_given, ours=True),
        "add_method": Known("add_to_class", _add_method, ours=True),
    },
}


@lru_cache
def _tree(package: str) -> ast.Module:
    tree = ast.parse(_text(package))
    for node in ast.walk(tree):
        if isinstance(node, ast.stmt | ast.expr):
            node.lineno = node.end_lineno = LINE
    return tree


def _text(package: str) -> str:
    """What is written of a package; of torchvision's networks its own file."""
    if not package.startswith(_MODELS):
        return (resources.files(__package__) / "packages" / f"{package}.txt").read_text("utf-8")
    spec = find_spec("torchvision")  # which is not loaded by that
    root = Path(spec.submodule_search_locations[0]) if spec and spec.submodule_search_locations else Path()
    return root.joinpath("models", f"{package.removeprefix(_MODELS)}.py").read_text("utf-8")


@lru_cache
def _names(package: str) -> tuple[str, ...]:
    """What the text of a package gives a name."""
    found: list[str] = []
    for one in _tree(package).body:
        if isinstance(one, ast.ClassDef | ast.FunctionDef):
            found.append(one.name)
        elif isinstance(one, ast.Assign):
            found += [name.id for name in ast.walk(one.targets[0]) if isinstance(name, ast.Name)]
    return tuple(found)


def value(interpreter: Interpreter, of: Brought, node: ast.AST) -> Any:
    """What a name of a package stands for; its text is carried out once for each text that asks for it, and costs that
    none of its steps. Raises NotationError where the package is not there."""
    scope = interpreter.packages.get(of.package)
    if scope is None:
        with _CARRYING_OUT:
            scope = interpreter.packages.get(of.package) or _carried_out(interpreter, of.package, node)
            interpreter.packages[of.package] = scope
    return scope.names[of.name]


def _carried_out(interpreter: Interpreter, package: str, node: ast.AST) -> Scope:
    """The names of a package's text."""
    scope = Scope(interpreter.globals.parent, dict(_GIVEN.get(package, {})))
    try:
        tree = _tree(package)
    except OSError:
        raise interpreter.wrong(node, f"{package} is not on this machine; paste its class") from None
    before, interpreter.state.steps = interpreter.state.steps, 0
    try:
        for statement in tree.body:
            if not (isinstance(statement, ast.Assign) and ast.unparse(statement.targets[0]).startswith("__")):
                interpreter.statement(statement, scope)
    finally:
        interpreter.state.steps = before
    return scope


def is_brought(node: ast.AST) -> bool:
    """Whether a node is of the text of a package, and none of the reader's."""
    return getattr(node, "lineno", 1) == LINE


def _members(package: str) -> dict[str, Any]:
    return {name: Brought(package, name) for name in _names(package)}


def _passed(_interpreter: Interpreter, _node: ast.AST, *_args: Any, **_kwargs: Any) -> Opaque:
    """A decorator, or a call, that changes no number."""
    return Opaque("ignore")


WRITTEN = (  # modules that a file may import which is written of a stranger's text
    *("torchvision.ops", "torchvision.ops.misc", "torchvision.ops.stochastic_depth", "einops", "einops.layers.torch"),
    *("timm.layers", "timm.models.layers"),
)
_IGNORED = Known("ignore", _passed, ours=True)
OPS = Namespace("torchvision.ops", _members("torchvision"), {}, tables.INSTEAD["torchvision.ops"])
_LAYERS = Namespace("timm.layers", {**_members("timm"), "trunc_normal_": tables.INIT["trunc_normal_"]})
_D2L = Namespace("d2l.torch", _members("d2l"))
_TRANSFORMS = _members("transforms")
_FUNCTIONS = ("resize", "crop", "center_crop", "normalize", "hflip", "vflip")
_FUNCTIONAL = Namespace("torchvision.transforms.functional", {name: _TRANSFORMS.pop(name) for name in _FUNCTIONS})
TRANSFORMS = Namespace("torchvision.transforms", {**_TRANSFORMS, "functional": _FUNCTIONAL})
_DISTRIBUTION = "Normal, Categorical and Bernoulli are; give back what they are made of"
_QUANTIZATION = "a network is quantised after it was trained; leave it out"
_CONFIGURATION = Brought("configurations", "Configuration")
_CONFIGURATIONS = {  # modules whose objects have their attributes from a dictionary, by the class's name
    "yacs.config": "CfgNode",
    "easydict": "EasyDict",
    "ml_collections": "ConfigDict",
    "addict": "Dict",
    "munch": "Munch",
}
MODULES: dict[str, Namespace] = {  # by their full names
    "torchvision.ops": OPS,
    "timm.layers": _LAYERS,
    "einops": Namespace("einops", _EINOPS),
    "einops.layers.torch": Namespace("einops.layers.torch", _members("einops")),
    "d2l": Namespace("d2l", {"torch": _D2L}),
    "d2l.torch": _D2L,
    "torchvision.transforms": TRANSFORMS,
    "torchvision.transforms.functional": _FUNCTIONAL,
    **{module: Namespace(module, {name: _CONFIGURATION}) for module, name in _CONFIGURATIONS.items()},
    **versions.MODULES,
}
_CALLED = ("_log_api_usage_once", "register_model", "handle_legacy_interface")
_NAMED = tables.words(  # which say what a network was trained with
    """
    Weights ImageClassification VideoClassification SemanticSegmentation ObjectDetection OpticalFlow InterpolationMode
    _IMAGENET_CATEGORIES _KINETICS400_CATEGORIES _COCO_CATEGORIES _COCO_PERSON_CATEGORIES _VOC_CATEGORIES
    """
)


def _of_file(name: str) -> Namespace:
    """What a text takes of one of torchvision's files of networks."""
    package = f"{_MODELS}{name}"
    return Namespace(package, {one: Brought(package, one) for one in _CLASSES[name].split()})


_FILES = {name: _of_file(name) for name in _CLASSES}
CLASSES = {  # of torchvision's networks, also under torchvision.models itself
    name: one for file in _FILES.values() for name, one in file.members.items() if name[:1].isupper()
}


def class_of(kind: type) -> Brought | None:
    """The text of a class of torchvision's networks; None for any other."""
    found = CLASSES.get(kind.__name__)
    return found if found is not None and found.package == kind.__module__ else None


BESIDE: dict[str, Any] = {  # what torchvision has beside its networks, and torch beside its layers
    "ops": OPS,
    "transforms": TRANSFORMS,
    "distributions": Namespace("torch.distributions", _members("distributions"), {}, _DISTRIBUTION),
    "quantization": Namespace("torch.ao.quantization", _members("quantization"), {}, _QUANTIZATION),
    "files of models": Namespace("torchvision.models", _FILES),
    "version": versions.installed("torchvision"),
}
_OF_ITS_OWN = Namespace(  # what torchvision's own files take of one another
    "torchvision",
    {**OPS.members, **dict.fromkeys(_CALLED, _IGNORED), **{name: Opaque(name) for name in _NAMED}},
)


_INNER = ("ops", "ops.misc", "ops.stochastic_depth", "utils", "transforms._presets")
_OF_MODELS = ("_api", "_utils", "_meta")
FROM: dict[str, Namespace] = {  # of which single names are imported; with a dot for each step up, as torchvision does
    **{f"torchvision.{name}": _OF_ITS_OWN for name in (*_INNER, *(f"models.{one}" for one in _OF_MODELS))},
    **{f"{dots}{name}": _OF_ITS_OWN for dots in ("..", "...") for name in _INNER},
    **{f"{dots}{name}": _OF_ITS_OWN for dots in (".", "..") for name in _OF_MODELS},
    **{one.name: one for one in _FILES.values()},
    **{f"timm.{name}": _LAYERS for name in ("models.layers", "models.layers.drop", "layers.drop", "layers.helpers")},
}
