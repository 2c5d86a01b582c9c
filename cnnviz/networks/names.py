"""What can be named on the command line, without torch: so that its help is there at once.

Each list repeats the names of a registry, in its order; `tests/networks/test_names.py` holds the two together.
"""

OWN_TEXT = "own text"  # the network that is given as the text of an nn.Sequential

NETWORKS = (  # cnnviz.networks.zoo
    "lenet5",
    "lenet5_padded",
    "mnist_cnn",
    "conv_mnist",
    "simple_cnn",
    "cnn_64",
    "cnn_max",
    "cnn_avg",
    "cnn_valid",
    "conv_cifar10",
    "cifar100_cnn",
    "resnet_cifar100",
    "resnet_cifar100_wide",
    "resnet20",
    "residual_8",
    "residual_8_batch_norm",
    "alexnet_2012",
    "vgg16",
    "googlenet",
    "resnet18",
    "resnet50",
    "resnet152",
)
EXPERIMENTS = (  # cnnviz.training.experiments
    "quick",
    "longer",
    "mnist_cnn",
    "cifar100_cnn",
    "cifar100_cnn_short",
    "resnet",
    "resnet_short",
    "resnet_regularised",
    "resnet_regularised_short",
    "resnet_fast",
    "resnet_fast_short",
    "resnet_wide",
    "resnet_wide_short",
    "lenet5",
    "residual",
    "residual_short",
    "residual_long",
    "residual_batch_norm",
    "residual_batch_norm_short",
    "conv_mnist",
    "conv_cifar10",
    "conv_cifar10_short",
    "pool_max",
    "pool_average",
    "pool_valid",
)
DATASETS = ("mnist", "fashion_mnist", "cifar10", "cifar100")  # cnnviz.data: the embedded one, then the downloads
SCHEDULES = ("constant", "step", "one_cycle", "cosine", "sweep")  # cnnviz.training.schedules
AUGMENTATIONS = ("none", "flip", "crop", "flip_crop", "shift_rotate", "handwriting")  # cnnviz.training.augmentation
NORMALISATIONS = ("computed", "published", "half", "none")  # cnnviz.training.preprocessing
FITS = ("framed", "resized")  # cnnviz.data.datasets.preprocessing
LOSSES = ("cross_entropy", "nll", "mse")  # cnnviz.training.losses
INITIALISATIONS = ("default", "he", "xavier", "zeros")  # torch's own, then cnnviz.training.initialisation
