"""What a text may name: the layers, functions, methods and attributes of torch that a network is written with.

All else is refused. Nothing of a text reaches `getattr` but a name that stands here.
"""

import builtins
import math
from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn import init

from cnnviz.networks.source.values import Known, Namespace, Opaque
from cnnviz.networks.zoo.blocks import Embedding, Residual

ERRORS = {  # Python's, with the names of what each goes back to
    name: frozenset(above.__name__ for above in one.__mro__)
    for name, one in vars(builtins).items()
    if isinstance(one, type) and issubclass(one, Exception)
}
MAX_MADE = 10_000_000  # numbers of a tensor that a text makes by itself
INTEGERS = Embedding.WHY
REFUSED_LAYERS = {
    "EmbeddingBag": INTEGERS,
    "CrossMapLRN2d": "nn.LocalResponseNorm is its like",
    "Container": "it is no layer",
    "SyncBatchNorm": "nn.BatchNorm2d is the same on one device",
    "Module": "",
}


def words(text: str) -> list[str]:
    return text.split()


def _layers() -> dict[str, type[nn.Module]]:
    """All of torch.nn that a network may be made of, by name; lazy layers take their sizes from the first input."""
    found = {name: getattr(nn, name) for name in nn.modules.__all__}
    return {
        name: layer
        for name, layer in found.items()
        if isinstance(layer, type) and issubclass(layer, nn.Module) and name not in REFUSED_LAYERS
    }


REFUSED_METHODS = {
    "numpy": "leave it out; what forward returns stays a tensor",
    "backward": "forward only computes; the page's training computes gradients by itself",
    "cuda_": "leave it out",
}
TENSORS = {  # constructors of tensors, by the numbers that they hold
    "Tensor": torch.float32,
    "FloatTensor": torch.float32,
    "DoubleTensor": torch.float64,
    "HalfTensor": torch.float16,
    "LongTensor": torch.int64,
    "IntTensor": torch.int32,
    "ByteTensor": torch.uint8,
    "BoolTensor": torch.bool,
}
TENSOR = Opaque("Tensor")
FUNCTION = Opaque("torch.autograd.Function")
PARAMETER = Known("nn.Parameter", nn.Parameter)
SIZE = Known("torch.Size", torch.Size)
LAYERS: dict[str, type[nn.Module]] = {**_layers(), "Residual": Residual, "Embedding": Embedding}
MAX_REPEATED = 64  # layers that one call makes: num_layers

# --- functions of tensors

_FUNCTIONAL = """
    relu relu6 elu selu celu gelu silu mish leaky_relu prelu rrelu hardtanh hardswish hardsigmoid softplus softsign
    logsigmoid threshold glu sigmoid tanh softmax log_softmax softmin gumbel_softmax hardshrink softshrink
    tanhshrink conv1d conv2d conv3d conv_transpose1d conv_transpose2d conv_transpose3d unfold fold linear bilinear
    max_pool1d max_pool2d max_pool3d avg_pool1d avg_pool2d avg_pool3d lp_pool1d lp_pool2d adaptive_avg_pool1d
    adaptive_avg_pool2d adaptive_avg_pool3d adaptive_max_pool1d adaptive_max_pool2d adaptive_max_pool3d
    fractional_max_pool2d max_unpool2d dropout dropout1d dropout2d dropout3d alpha_dropout feature_alpha_dropout
    batch_norm instance_norm layer_norm group_norm local_response_norm normalize rms_norm interpolate upsample
    grid_sample affine_grid pad pixel_shuffle pixel_unshuffle channel_shuffle cosine_similarity pairwise_distance
    one_hot scaled_dot_product_attention multi_head_attention_forward cross_entropy nll_loss mse_loss l1_loss
    smooth_l1_loss binary_cross_entropy binary_cross_entropy_with_logits kl_div triplet_margin_loss
    cosine_embedding_loss relu_ elu_ leaky_relu_ hardtanh_ threshold_ rrelu_ selu_ celu_ huber_loss
"""
_BOTH = """
    abs acos add addcmul addmm all amax amin angle any argmax argmin argsort asin atan baddbmm bmm broadcast_to ceil
    chunk clamp clip clone cos cosh cross cumprod cumsum diag diagonal diff div divide dot eq erf exp expm1 flatten
    flip floor frac gather ge gt index_select inverse isnan kron le lerp log log10 log1p log2 logical_and
    logical_not logical_or logsumexp lt masked_fill matmul max maximum mean median min minimum mm movedim mul
    multiply mv narrow ne neg nonzero norm numel outer permute pow prod ravel reciprocal relu repeat_interleave
    reshape roll round rsqrt scatter select renorm sigmoid sign sin sinh softmax log_softmax sort split sqrt square
    squeeze std sub subtract sum swapaxes swapdims t take tan tanh tensor_split tile topk transpose tril triu
    true_divide trunc unbind unflatten unsqueeze var where ger scatter_add nan_to_num isfinite isinf clamp_min
    clamp_max fmod remainder logical_xor masked_select moveaxis rot90 atan2 absolute negative addcdiv take_along_dim
    bernoulli is_floating_point addmv floor_divide index_add
"""
_TORCH = """
    polar complex view_as_complex view_as_real
    cat concat concatenate stack hstack vstack dstack einsum tensordot meshgrid cdist selu celu prelu rrelu dropout
    feature_dropout batch_norm conv1d conv2d conv3d conv_transpose1d conv_transpose2d layer_norm group_norm
    max_pool1d max_pool2d max_pool3d avg_pool1d adaptive_avg_pool1d adaptive_max_pool1d pixel_shuffle
    pixel_unshuffle channel_shuffle std_mean var_mean block_diag cartesian_prod atleast_2d atleast_3d is_tensor
    zeros_like ones_like full_like empty_like rand_like randn_like bilinear cosine_similarity pairwise_distance
    relu_ sigmoid_ tanh_ selu_ celu_ rrelu_ exp_ sqrt_ clamp_ broadcast_tensors column_stack instance_norm
    split_with_sizes swapaxes
"""
_MADE = "zeros ones empty full eye arange linspace logspace rand randn randint randperm normal tensor as_tensor"
_METHODS = """
    size dim ndimension view view_as reshape_as expand expand_as repeat contiguous detach requires_grad_ new_zeros
    new_ones new_empty new_full new_tensor type_as float half double bfloat16 long int bool item tolist numel
    element_size is_contiguous stride index_add masked_select scatter_add unfold fill_ zero_ normal_ uniform_ copy_
    add_ sub_ mul_ div_ clamp_ relu_ sigmoid_ tanh_ exp_ pow_ sqrt_ neg_ abs_ masked_fill_ squeeze_ unsqueeze_
    transpose_ t_ trunc_ fmod fmod_ erfinv_ constant_ index_fill index_copy addmm_ rsqrt_ bernoulli_ exponential_
    chunk retain_grad softmax log_softmax flatten logical_xor remainder floor_divide to type_ adjoint clamp_min
    clamp_max floor_ ceil_ round_ lerp_ scatter_ scatter_add_ index_fill_ addcmul_ addcdiv_ log_ sin_ cos_ sign_
    nelement index_add_ masked_scatter masked_scatter_ addbmm cumsum_ logical_not_ eq_ clip_ tril_ triu_
    fill_diagonal_ swapaxes_ reciprocal_ square_ nan_to_num_ split_with_sizes ceil floor true_divide_ floor_divide_
    remainder_
"""
PROPERTIES = (
    "shape", "T", "mT", "H", "mH", "ndim", "is_cuda", "requires_grad", "data", "grad", "real", "imag"
)  # fmt: skip
ITSELF = (
    "to",
    "cuda",
    "cpu",
    "type",
    "astype",
    "share_memory_",
    "pin_memory",
)  # of a tensor or network: stays where it is

_DTYPES = "float float32 float16 half bfloat16 float64 double int int32 int64 long int8 int16 short uint8 bool"
DTYPES = {name: getattr(torch, name) for name in _DTYPES.split()}


def _known(owner: Any, names: str, prefix: str) -> dict[str, Known]:
    return {name: Known(f"{prefix}{name}", getattr(owner, name)) for name in names.split() if hasattr(owner, name)}


def _view(x: Tensor, *sizes: Any, **named: Any) -> Tensor:
    """x.view(...), also where training lays images channels last, which a text cannot know: a trace, whose tensors lie
    as the text expects, has seen that these sizes are no mistake of its own."""
    try:
        return x.view(*sizes, **named)
    except RuntimeError:
        if x.is_meta:
            raise
        return x.reshape(*sizes, **({"shape": named["size"]} if "size" in named else {}))


FUNCTIONAL = _known(F, _FUNCTIONAL, "F.")
METHODS: dict[str, Known] = {
    **_known(Tensor, _BOTH, "."),
    **_known(Tensor, _METHODS, "."),
    "view": Known(".view", _view),
}
OF_TORCH = frozenset(words(_TORCH))  # functions of torch that no tensor has as a method
_PARTS = words("activation container dropout linear normalization padding pooling rnn transformer upsampling")
MADE = _known(torch, _MADE, "torch.")
_INITIAL = """
    uniform_ normal_ trunc_normal_ constant_ ones_ zeros_ eye_ dirac_ xavier_uniform_ xavier_normal_ kaiming_uniform_
    kaiming_normal_ orthogonal_ sparse_
"""
_OLD = "uniform normal constant eye dirac xavier_uniform xavier_normal kaiming_uniform kaiming_normal orthogonal sparse"
_MEASURING = "calculate_gain _calculate_fan_in_and_fan_out _calculate_correct_fan"
INIT = {
    **_known(init, _INITIAL, "nn.init."),
    **_known(init, _MEASURING, "nn.init."),
    **{name: Known(f"nn.init.{name}_", getattr(init, f"{name}_")) for name in _OLD.split()},
}
_LINALG = "norm vector_norm matrix_norm"
MASKING = Known("torch.triu", torch.triu)
MATH = words(
    """
    sqrt ceil floor prod log log2 log10 log1p exp expm1 gcd pow cos sin tan tanh sinh cosh
    asin acos atan atan2 isqrt fabs trunc hypot degrees radians erf copysign isnan isinf isfinite isclose fsum fmod modf
    """
)

# --- layers and networks: what of them may be read, and called

LAYER_ATTRIBUTES = frozenset(
    words(
        """
    in_features out_features in_channels out_channels kernel_size stride padding dilation groups
    bias weight num_features num_channels num_groups eps momentum affine track_running_stats
    running_mean running_var num_batches_tracked output_size output_padding padding_mode p inplace
    negative_slope alpha hidden_size input_size num_layers batch_first bidirectional embed_dim
    num_heads head_dim training normalized_shape scale_factor mode align_corners upscale_factor
    downscale_factor num_parameters start_dim end_dim dim unflattened_size in_proj_weight
    in_proj_bias out_proj self_attn linear1 linear2 norm1 norm2 dropout weight_ih_l0 weight_hh_l0
    bias_ih_l0 bias_hh_l0 shortcut layers norm ceil_mode size value return_indices count_include_pad divisor_override
    norm_type beta threshold min_val max_val elementwise_affine kdim vdim proj_size
    """
    )
)
ROWS = (nn.Sequential, nn.ModuleList, nn.ParameterList)  # which take more at their end
CONTAINERS = (nn.Sequential, nn.ModuleList, nn.ModuleDict, nn.ParameterList, nn.ParameterDict)
CONTAINER_METHODS = frozenset(["append", "extend", "insert", "pop", "items", "keys", "values", "update", "clear"])
NETWORK_METHODS = frozenset(
    words(
        """
    parameters named_parameters buffers named_buffers modules named_modules children named_children
    add_module register_module register_buffer register_parameter get_submodule train eval
    requires_grad_ zero_grad float half double state_dict extra_repr forward reset_parameters flatten_parameters
    """
    )
)
WALKS = frozenset(  # those that go through all layers within a network
    words(
        """
    parameters named_parameters buffers named_buffers modules named_modules train eval requires_grad_ zero_grad
    float half double state_dict children named_children
    """
    )
)

# --- namespaces

REFUSED_TORCH = {
    "load": "a file is never opened here; weights are brought as .safetensors, below the diagram",
    "save": "nothing is written here",
    "fft": "complex numbers are not followed here",
    "hub": "nothing is downloaded here; paste the class itself",
}


RENORMING = ("weight_norm", "spectral_norm")
_ELSEWHERE = "torchvision makes this network, not the text; paste its class from there"


def _wrapped(_interpreter: Any, _node: Any, network: Any, *_args: Any, **_kwargs: Any) -> Any:
    """DataParallel(network), torch.compile(network): the network itself."""
    return network


def _wrapping(_interpreter: Any, _node: Any, *given: Any, **_kwargs: Any) -> Any:
    """@torch.jit.script and torch.jit.script(network): what is given; with options alone, a decorator."""
    return given[0] if given else Opaque("ignore")


def namespaces(
    passed: Callable[..., Any],
    ours: dict[str, Known],
    ready_made: dict[str, Known | Opaque],
    beside: dict[str, Any],
) -> dict[str, Namespace]:
    """The modules of torch and around it that a text may import, by their full names; `passed` is called in place of
    what changes nothing here, such as a seed, `ours` are functions that are none of tensors, `ready_made` those that
    make torchvision's networks, and `beside` what it has beside them."""
    quiet = (
        *("manual_seed", "set_num_threads", "seed", "set_printoptions", "set_float32_matmul_precision"),
        *("use_deterministic_algorithms", "set_default_device", "set_default_dtype"),
    )
    nothing = {name: Known(name, passed, ours=True) for name in quiet}
    initial = Namespace("nn.init", INIT)
    functional = Namespace("F", FUNCTIONAL)
    parameter = Namespace("torch.nn.parameter", {"Parameter": PARAMETER})
    clipping = {name: Known(name, passed, ours=True) for name in ("clip_grad_norm_", "clip_grad_value_")}
    parametrizations = Namespace("nn.utils.parametrizations", {name: ours[name] for name in RENORMING})
    renorming = {**parametrizations.members, **{name: ours[f"{name} as it was"] for name in RENORMING}}
    utils = Namespace("nn.utils", {**clipping, **renorming, "parametrizations": parametrizations})
    parallel = Known("DataParallel", _wrapped, ours=True)
    tuples = Namespace("nn.modules.utils", {name: ours[name] for name in ("_single", "_pair", "_triple", "_quadruple")})
    inner = Namespace(
        "nn.modules",
        {
            **LAYERS,
            "Module": nn.Module,
            "batchnorm": Namespace("nn.modules.batchnorm", {**LAYERS, "_BatchNorm": nn.modules.batchnorm._BatchNorm}),
            "conv": Namespace("nn.modules.conv", {**LAYERS, "_ConvNd": nn.modules.conv._ConvNd}),
            **{name: Namespace(f"nn.modules.{name}", LAYERS) for name in _PARTS},
            "module": Namespace("nn.modules.module", {"Module": nn.Module}),
            "utils": tuples,
        },
    )
    layers = Namespace(
        "nn",
        {
            **LAYERS,
            "Module": nn.Module,
            "Parameter": PARAMETER,
            "DataParallel": parallel,
            "parallel": Namespace("nn.parallel", {"DataParallel": parallel}),
            "parameter": parameter,
            "functional": functional,
            "init": initial,
            "utils": utils,
            "modules": inner,
            "quantized": beside["quantization"],
        },
        REFUSED_LAYERS,
    )
    context = {"autocast": Known("autocast", passed, ours=True)}
    amp = Namespace("torch.amp", context)
    kinds = {name: Opaque(name) for name in TENSORS if name != "Tensor"}
    ignored = {name: Opaque("ignore") for name in ("unused", "export", "ignore", "_overload_method", "Final")}
    scripting = {name: Known(name, _wrapping, ours=True) for name in ("script", "script_if_tracing", "script_method")}
    asked = {name: ours[name] for name in ("is_scripting", "is_tracing")}
    jit = Namespace(
        "torch.jit", {**ignored, **scripting, **asked, "ScriptModule": nn.Module}, {}, "leave torch.jit out"
    )
    variable = {"Variable": Known("Variable", _wrapped, ours=True)}
    autograd = Namespace(
        "torch.autograd",
        {**variable, "variable": Namespace("torch.autograd.variable", variable), "Function": FUNCTION},
        {},
        "forward only computes; the page's training computes gradients by itself",
    )
    checkpoint = Namespace("torch.utils.checkpoint", {"checkpoint": ours["checkpoint"]})
    linalg = Namespace("torch.linalg", {**_known(torch.linalg, _LINALG, "torch.linalg."), "lstsq": ours["lstsq"]})
    quantized = beside["quantization"]
    available = {"is_available": Known("is_available", passed, ours=True)}
    cuda_amp = Namespace("torch.cuda.amp", {**context, "custom_fwd": Opaque("ignore"), "custom_bwd": Opaque("ignore")})
    cuda = Namespace("torch.cuda", {**available, **nothing, **kinds, "amp": cuda_amp})
    mps = Namespace("torch.backends.mps", {"is_available": Known("is_available", passed, ours=True)})
    backends = Namespace("torch.backends", {"mps": mps, "cudnn": Opaque("cudnn")})
    grads = {name: Known(name, passed, ours=True) for name in ("no_grad", "inference_mode", "enable_grad", "autocast")}
    whole = Namespace(
        "torch",
        {
            **_known(torch, _BOTH, "torch."),
            **_known(torch, _TORCH, "torch."),
            **MADE,
            **DTYPES,
            **nothing,
            **grads,
            "nn": layers,
            "cuda": cuda,
            "backends": backends,
            **kinds,
            **{
                name: ours[name]
                for name in ("is_grad_enabled", "set_grad_enabled", "from_numpy", "_assert", "finfo", "iinfo")
            },
            "get_default_dtype": Known("get_default_dtype", lambda _interpreter, _node: torch.float32, ours=True),
            "amp": amp,
            "autograd": autograd,
            "jit": jit,
            "linalg": linalg,
            "distributions": beside["distributions"],
            "quantization": quantized,
            "ao": Namespace(
                "torch.ao", {"quantization": quantized, "nn": Namespace("torch.ao.nn", {"quantized": quantized})}
            ),
            "utils": Namespace("torch.utils", {"checkpoint": checkpoint}),
            "Tensor": TENSOR,
            "Size": SIZE,
            "dtype": Opaque("torch.dtype"),
            "__version__": str(torch.__version__).partition("+")[0],
            "device": Known("torch.device", passed, ours=True),
            **{
                name: Opaque(name)
                for name in ("channels_last", "channels_last_3d", "contiguous_format", "preserve_format")
            },
            "pi": math.pi,
            "compile": Known("torch.compile", _wrapped, ours=True),
        },
        REFUSED_TORCH,
    )
    files = {
        name: Namespace(one.name, {**one.members, **ready_made}, {}, _ELSEWHERE)
        for name, one in beside["files of models"].members.items()
    }
    models = Namespace("torchvision.models", {**files, **ready_made}, {}, _ELSEWHERE)
    lightning = Namespace("lightning", {"LightningModule": nn.Module})
    return {
        "torchvision": Namespace(
            "torchvision",
            {
                "models": models,
                "__version__": beside["version"],
                **{name: beside[name] for name in ("ops", "transforms")},
            },
            {},
            "it makes no part of a network",
        ),
        "torchvision.models": models,
        "lightning": Namespace("lightning", {**lightning.members, "pytorch": lightning}),
        "lightning.pytorch": lightning,
        "pytorch_lightning": lightning,
        "torch": whole,
        "torch.nn": layers,
        "torch.nn.functional": functional,
        "torch.nn.init": initial,
        "torch.nn.modules": Namespace("nn.modules", {**layers.members, **inner.members}, layers.refused),
        **{
            f"torch.nn.modules.{name}": inner.members[name]
            for name in ("batchnorm", "conv", "module", "utils", *_PARTS)
        },
        "torch.amp": amp,
        "torch.autograd": autograd,
        "torch.autograd.variable": autograd.members["variable"],
        "torch.cuda.amp": cuda_amp,
        "torch.jit": jit,
        "torch.linalg": linalg,
        "torch.utils.checkpoint": checkpoint,
        "torch.nn.utils": utils,
        "torch.nn.utils.parametrizations": parametrizations,
        "torch.nn.parallel": Namespace("nn.parallel", {"DataParallel": parallel}),
        "torch.nn.parameter": parameter,
        "torch.cuda": cuda,
        "torch.backends": backends,
        "torch.distributions": beside["distributions"],
        "torch.quantization": quantized,
        "torch.ao.quantization": quantized,
        "torch.nn.quantized": quantized,
        "torch.ao.nn.quantized": quantized,
    }


TYPES = (  # of modules for annotations, never asked
    "typing", "__future__", "collections.abc", "abc", "dataclasses", "types", "enum", "typing_extensions", "numbers"
)  # fmt: skip
ANNOTATIONS = words(
    """
    List Dict Tuple Set Optional Union Any Callable Iterable Iterator Sequence Mapping Sized Hashable NamedTuple Type
    Literal Final ClassVar Number ABC abstractmethod dataclass field Enum
    """
)
CAST = Known("cast", lambda _interpreter, _node, _kind, value: value, ours=True)  # typing's, which changes nothing
_PASTE = "paste what the text takes of it above the class, from its source"
INSTEAD = {  # what is to be done where another package makes a part of a network
    "einops": "write it with view, permute, reshape or mean, and layers of it as a class of your own",
    "timm": _PASTE,
    "d2l": _PASTE,
    "apex": "torch.nn has the same layers",
    "torch.optim": "the page's training has its own optimizers; leave it out",
    **dict.fromkeys(("torchvision.ops", "mmcv", "mmengine", "fvcore", "monai", "kornia", "transformers"), _PASTE),
    **dict.fromkeys(("efficientnet_pytorch", "segmentation_models_pytorch", "fastai"), _PASTE),
}
ASIDE = {  # parts of torch that stand beside a network
    "torch.optim": INSTEAD["torch.optim"],
    "torch.distributed": "leave it out",
    "torch.profiler": "leave it out",
}
LEAVE_OUT = "leave it out, or write above the class what the text takes of it"
