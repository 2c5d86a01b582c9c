"""What is worth looking at among the test images."""

from cnnviz.lessons.common.settings import Challenges
from cnnviz.lessons.evaluate.settings import of_cell

CHALLENGES: Challenges = {
    "Nine or four?": (
        "Five of the 1,009 nines are predicted as a four. Look at them: which would you have named otherwise?",
        {"network": "lenet5", "view": "misses", **of_cell((9, 4))},
    ),
    "There and back": (
        "Are threes predicted as fives as often as fives as threes? Compare the cells on both sides of the diagonal.",
        {"network": "lenet5", "view": "misses", **of_cell((5, 3))},
    ),
    "Right, but barely": (
        "The diagonal holds what was classified correctly, the least sure first. How sure is it of the strangest two?",
        {"network": "lenet5", "view": "misses", **of_cell((2, 2))},
    ),
    "Sure and wrong": (
        "The network gives the worst of its misclassified images more than 99.9 %. Does a high probability mean that "
        "it is right?",
        {"network": "lenet5", "view": "misses", **of_cell(None)},
    ),
    "Image 2019": (
        "Any test image can be looked at by its number. This one is a nine. Go on until the network hesitates.",
        {"network": "lenet5", "view": "samples", **of_cell(None), "image": 2019},
    ),
}
