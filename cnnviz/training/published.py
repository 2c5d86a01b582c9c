"""What the sources print while they train, as data: to be drawn behind a run that repeats one of them.

Each curve says how its source measured. Positions are in epochs, as the sources count images and batches.
"""

from dataclasses import dataclass

HOW = {  # a curve was measured, as a sentence goes on
    "running": "the mean over the epoch, of batches as they were learnt from",
    "pass": "a pass over all of them at that moment",
    "batch": "of one batch alone",
}


@dataclass(frozen=True)
class Curve:
    """A curve of a source's log: `figure` ('accuracy', from 0 to 1, or 'loss') of the `images` ('training' or 'test'),
    measured as `how` says (see HOW), after so many `epochs`."""

    figure: str
    images: str
    how: str
    epochs: tuple[float, ...]
    values: tuple[float, ...]


def _log(what: str, epochs: tuple[float, ...], values: str) -> Curve:
    """The curve of a figure, images and how they were measured, whose values stand in a text, apart by spaces."""
    figure, images, how = what.split()
    return Curve(figure, images, how, epochs, tuple(float(value) for value in values.split()))


def _by_epoch(count: int) -> tuple[float, ...]:
    """After each of so many epochs."""
    return tuple(float(epoch) for epoch in range(1, count + 1))


def _by_step(every: int, steps_per_epoch: int, count: int) -> tuple[float, ...]:
    """`count` times, every so many steps."""
    return tuple(every * number / steps_per_epoch for number in range(1, count + 1))


def _by_batch(every: int, steps_per_epoch: int, epochs: int) -> tuple[float, ...]:
    """Every so many batches of each epoch, counted anew in each."""
    batches = range(every, steps_per_epoch + 1, every)
    return tuple(epoch + batch / steps_per_epoch for epoch in range(epochs) for batch in batches)


CURVES: dict[str, tuple[Curve, ...]] = {  # by the name of the experiment
    "mnist_cnn": (
        _log(
            "accuracy training running",
            _by_epoch(10),
            "0.7273 0.8762 0.8837 0.9776 0.9868 0.9875 0.9896 0.9909 0.9923 0.9926",
        ),
    ),
    "cifar100_cnn": (
        _log(
            "accuracy training running",
            _by_epoch(20),
            "0.0919 0.1566 0.1986 0.2295 0.254 0.2719 0.2874 0.3045 0.3163 0.328 0.3395 0.3461 0.3565 0.3656 "
            "0.3729 0.3809 0.3891 0.3987 0.4058 0.4101",
        ),
    ),
    "resnet": (
        _log(
            "accuracy training running",
            _by_epoch(40),
            "0.0933 0.1903 0.2619 0.3268 0.378 0.4178 0.451 0.476 0.5027 0.5226 0.5405 0.555 0.5728 0.5856 0.5984 "
            "0.6098 0.6137 0.6284 0.6336 0.6444 0.652 0.6601 0.6677 0.6733 0.6828 0.7491 0.7687 0.7766 0.7835 "
            "0.7885 0.7924 0.7981 0.8004 0.8068 0.8085 0.8106 0.8159 0.8152 0.8204 0.8227",
        ),
    ),
    "resnet_regularised": (
        _log(
            "accuracy training running",
            _by_epoch(40),
            "0.0694 0.1099 0.1312 0.1587 0.1795 0.2027 0.2211 0.2324 0.2453 0.2552 0.2694 0.2753 0.2816 0.2891 "
            "0.2955 0.2998 0.3031 0.3076 0.3127 0.3166 0.3201 0.3245 0.3289 0.3307 0.3307 0.4001 0.4141 0.4232 "
            "0.4268 0.4327 0.4325 0.438 0.4414 0.4459 0.4458 0.4501 0.4522 0.4529 0.456 0.4549",
        ),
    ),
    "resnet_fast": (
        _log(
            "accuracy training running",
            _by_epoch(40),
            "0.0458 0.1176 0.1602 0.1865 0.2042 0.217 0.2277 0.2393 0.2465 0.2536 0.2619 0.2692 0.2785 0.2807 "
            "0.2865 0.2922 0.2995 0.3019 0.3056 0.3096 0.3139 0.3182 0.3191 0.3265 0.3316 0.3864 0.4001 0.4076 "
            "0.4134 0.4158 0.4191 0.4234 0.4258 0.4292 0.4334 0.4364 0.4356 0.4421 0.4418 0.4427",
        ),
    ),
    "resnet_wide": (
        _log(
            "accuracy training running",
            _by_epoch(10),
            "0.0262 0.0393 0.049 0.0509 0.052 0.0547 0.0519 0.0543 0.054 0.0563",
        ),
    ),
    "lenet5": (
        _log(
            "loss test pass",
            _by_epoch(5),
            "0.1821 0.1037 0.0765 0.0641 0.0499",
        ),
        _log(
            "accuracy test pass",
            _by_epoch(5),
            "0.9435 0.968 0.9745 0.9804 0.9836",
        ),
    ),
    "residual": (
        _log(
            "loss training batch",
            _by_epoch(25),
            "2.269 2.037 1.99 1.829 1.921 1.739 1.775 1.563 1.593 1.654 1.685 1.384 1.546 1.537 1.436 1.404 1.44 "
            "1.486 1.425 1.352 1.233 1.192 1.327 1.156 1.265",
        ),
        _log(
            "accuracy training pass",
            _by_epoch(25),
            "0.1319 0.2607 0.2798 0.3067 0.335 0.3684 0.3895 0.3437 0.4266 0.4393 0.4503 0.4647 0.4627 0.4715 "
            "0.4952 0.5025 0.5154 0.5257 0.5381 0.5218 0.5422 0.5528 0.5626 0.5622 0.5603",
        ),
        _log(
            "accuracy test pass",
            _by_epoch(25),
            "0.1324 0.2681 0.2905 0.3148 0.3386 0.3744 0.3897 0.342 0.425 0.4326 0.4441 0.4576 0.4579 0.4598 "
            "0.4822 0.4915 0.4965 0.5072 0.5135 0.5051 0.5165 0.5239 0.5369 0.534 0.5313",
        ),
    ),
    "residual_long": (
        _log(
            "loss training batch",
            _by_epoch(51),
            "2.184 1.978 2.151 1.788 1.625 1.439 1.702 1.682 1.612 1.498 1.464 1.329 1.472 1.304 1.387 1.134 "
            "1.529 1.574 1.515 1.272 1.198 1.249 1.305 1.027 1.36 1.458 1.142 1.104 1.254 1.167 1.094 1.102 1.087 "
            "1.173 1.118 0.956 0.945 1.088 1.175 1.186 1.19 0.971 1.134 0.873 1.136 0.951 0.958 0.86 0.98 1.023 "
            "0.857",
        ),
        _log(
            "accuracy training pass",
            _by_epoch(51),
            "0.1809 0.286 0.3465 0.3523 0.3384 0.4107 0.4106 0.3964 0.4254 0.4407 0.4547 0.465 0.4566 0.4471 "
            "0.4975 0.4991 0.4567 0.5206 0.498 0.5322 0.5307 0.5352 0.5284 0.5661 0.5731 0.5439 0.5829 0.5722 "
            "0.5492 0.5832 0.5999 0.6045 0.5981 0.5854 0.5949 0.6223 0.621 0.6196 0.6241 0.6264 0.6254 0.6196 "
            "0.6206 0.6354 0.6329 0.6388 0.642 0.6419 0.6551 0.6558 0.6581",
        ),
        _log(
            "accuracy test pass",
            _by_epoch(51),
            "0.1758 0.2922 0.3552 0.3591 0.3403 0.4081 0.4096 0.3941 0.4204 0.429 0.448 0.4565 0.4469 0.4431 "
            "0.4877 0.481 0.444 0.5013 0.4824 0.512 0.507 0.5175 0.5071 0.5398 0.5455 0.5146 0.5519 0.5421 0.5189 "
            "0.5548 0.567 0.5717 0.5641 0.5547 0.5547 0.5802 0.5868 0.5821 0.5874 0.5865 0.5827 0.5756 0.578 "
            "0.5902 0.5925 0.596 0.5914 0.5928 0.6053 0.6076 0.6036",
        ),
    ),
    "conv_mnist": (
        _log(
            "loss training batch",
            _by_batch(1000, 3750, 10),
            "0.66229 0.0129 0.09724 0.05072 0.01194 0.00154 0.01364 0.01508 0.01658 0.0012 0.00439 0.00234 "
            "0.00397 0.07158 0.00044 0.13094 0.08715 0.00053 0.00039 0.00077 0.01859 0.00468 5e-05 0.08571 "
            "0.00032 0.00019 0.00065 0.00034 0.00576 1e-05",
        ),
    ),
    "conv_cifar10": (
        _log(
            "loss training batch",
            _by_batch(1000, 5000, 10),
            "1.7409 2.2851 1.4111 1.7756 0.8754 1.4088 1.1332 1.4555 1.1078 1.0151 1.2174 0.9439 1.2911 1.3664 "
            "1.0082 1.2729 0.9957 0.671 1.3776 1.332 0.7732 0.9629 0.8633 1.1694 2.1826 0.8393 0.4569 1.556 "
            "1.5225 0.7783 0.5817 1.2786 1.2222 0.9902 0.8594 0.8842 1.5642 1.1422 0.6799 0.8995 0.802 0.9733 "
            "1.2369 0.7358 0.4696 2.0328 0.2612 1.2761 0.9977 0.7248",
        ),
        _log(
            "accuracy test pass",
            _by_epoch(10),
            "0.4893 0.548 0.5807 0.5921 0.5954 0.6157 0.6112 0.6304 0.6182 0.6249",
        ),
    ),
    "pool_max": (
        _log(
            "loss training batch",
            _by_step(500, 600, 6),
            "0.03 0.1113 0.092 0.0716 0.0509 0.0702",
        ),
        _log(
            "accuracy test pass",
            _by_step(500, 600, 6),
            "0.9792 0.9793 0.9781 0.9806 0.9824 0.9825",
        ),
    ),
    "pool_average": (
        _log(
            "loss training batch",
            _by_step(500, 600, 6),
            "0.5352 0.3302 0.3633 0.351 0.2342 0.4409",
        ),
        _log(
            "accuracy test pass",
            _by_step(500, 600, 6),
            "0.8368 0.8898 0.9038 0.914 0.9224 0.9301",
        ),
    ),
    "pool_valid": (
        _log(
            "loss training batch",
            _by_step(500, 600, 6),
            "2.3104 2.3122 2.3114 2.32 2.3061 2.3001",
        ),
        _log(
            "accuracy test pass",
            _by_step(500, 600, 6),
            "0.9301 0.9301 0.9301 0.9301 0.9301 0.9301",
        ),
    ),
}
