"""Events: what a run tells of itself.

Each is a dict, ready to be written as one line of JSON:

    step     step, epoch (a fraction), loss, accuracy (means since the last event), learning_rate (of the last step),
             images_per_second, seconds; memory (bytes) and utilisation (0 to 1) of the device where it tells;
             device (its name) in the first
    epoch    step, epoch, train_loss, train_accuracy, test_loss, test_accuracy, seconds
    done     step, epoch, test_accuracy, seconds
    stopped  step, epoch, seconds and, where its reader did not ask for it, reason
    failed   reason
"""

from typing import Any

Event = dict[str, Any]

PLACE = {"event", "step", "epoch", "seconds"}
FIGURES: dict[str, set[str]] = {  # what each kind of event holds at the least, in runs of any age
    "step": PLACE | {"loss", "accuracy", "images_per_second"},
    "epoch": PLACE | {"train_loss", "train_accuracy", "test_loss", "test_accuracy"},
    "done": PLACE | {"test_accuracy"},
    "stopped": PLACE,
    "failed": {"event", "reason"},
}
