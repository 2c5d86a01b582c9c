"""What is worth looking at in a data set, and what its views are called."""

from cnnviz.lessons.common.settings import Challenges

VIEW_NAMES = {
    "images": "Images",
    "batch": "A batch",
    "figures": "Classes",
    "augmentation": "Augmentation",
    "repeats": "Duplicates",
    "labels": "Doubtful labels",
    "bring": "Bring",
    "record": "Record",
}
PART_NAMES = {"train": "Training", "test": "Test"}
ORDER_NAMES = {"index": "By index", "class": "By class", "shuffled": "As an epoch"}

CHALLENGES: Challenges = {
    "What is a seven?": (
        "Scroll through the sevens alone. How many have a bar through the stem, and who would write them so?",
        {"dataset": "mnist", "view": "images", "part": "train", "only": 7},
    ),
    "Numbers, not pictures": (
        "Move over the image: it is 28 × 28 numbers from 0 to 255. Where is the largest, and what becomes of it once "
        "it is normalised?",
        {"dataset": "mnist", "view": "images", "part": "train", "only": -1, "order": "index", "image": 0},
    ),
    "What a step sees": (
        "These 128 images are the first step of an epoch. Which digit is there most often, which hardly ever?",
        {"dataset": "mnist", "view": "batch", "batch_size": 128, "step": 1, "epoch": 1, "seed": 0},
    ),
    "Is it still a six?": (
        "Twelve ways to see one image. What would a turn by 180 degrees do to its label?",
        {"dataset": "mnist", "view": "augmentation", "part": "train", "image": 13, "augmentation": "handwriting"},
    ),
    "Who is right?": (
        "The images on which the best network here contradicts the label most. Where do you side with the network?",
        {"dataset": "mnist", "view": "labels", "part": "test"},
    ),
}
