"""What cannot be trained is refused when it is submitted, in a sentence, and leaves no run behind."""

import pytest

from cnnviz import runs
from cnnviz.server.limits import Limits
from cnnviz.server.scheduler import Scheduler
from cnnviz.training import TrainConfig
from tests.helpers import ending, refused
from tests.own_texts import LARGE, REFUSED


class Idle:
    """An executor that nothing comes to."""

    def warm(self):
        pass

    def execute(self, run):
        pytest.fail(f"{run.id} was carried out")

    def close(self):
        pass


@pytest.mark.parametrize(
    ("text", "values"),
    [
        (REFUSED["maps"], ["nn.Linear", "10 × 1 × 1"]),
        (REFUSED["rows at the end"], ["nn.Linear", "28 × 10"]),
        (REFUSED["too few"], [9, 10, "mnist"]),
        (REFUSED["one picture alone"], ["11 images", "first axis"]),
        (REFUSED["what does not fit"], ["784", "100", "Shapes"]),
        ("nn.Sequential(nn.Flatten())", ["no weights"]),
        (LARGE, ["GB", "2.0"]),
    ],
)
def test_what_does_not_give_one_score_a_class_is_not_taken(text, values, tmp_path, monkeypatch):
    monkeypatch.setenv("CNNVIZ_RUNS", str(tmp_path))
    with ending(Scheduler([Idle()], Limits())) as scheduler, refused(*values):
        scheduler.submit(TrainConfig(network="own text", text=text))
    assert runs.all() == []


def test_a_network_for_other_pictures_is_not_taken(tmp_path, monkeypatch):
    monkeypatch.setenv("CNNVIZ_RUNS", str(tmp_path))
    with ending(Scheduler([Idle()], Limits())) as scheduler, refused("resnet20", "3 × 32 × 32", "mnist"):
        scheduler.submit(TrainConfig(network="resnet20"))
