"""The Architectures page without a browser."""

from __future__ import annotations

import json
from functools import partial

import pytest

from cnnviz.networks.zoo.history import MILESTONES
from tests import helpers
from tests.helpers import names

opened = partial(helpers.opened, "architectures")


@pytest.mark.parametrize("key", MILESTONES)
def test_every_milestone_has_its_idea_and_its_block(key: str) -> None:
    at = opened(milestone=key.replace(" ", "_"))
    data = [json.loads(one.proto.json) for one in at.get("bidi_component") if one.proto.json]
    assert next(one for one in data if "folds" in one)["steps"]
    assert MILESTONES[key].idea in " ".join(one.value for one in at.markdown)


def test_it_opens_with_the_flat_network() -> None:
    """3,072 inputs and 10 outputs, as in LAB8, and a deep network of convolutions that has fewer weights."""
    page = next(one.proto.body for one in opened().get("html"))
    for figure in ("W of 10 × 3,072", "30,730", "30,720", "25,288", "1,505,290"):
        assert figure in page


def test_figures_published_and_computed_stand_side_by_side() -> None:
    at = opened()
    page = " ".join(one.proto.body for one in at.get("html"))
    for figure in ("84.7 %", "62M", "62,378,344", "1.5B", "19.6B", "15,470,264,320", "60,192,808", "23,027,253,248"):
        assert figure in page
    for figure in ("138,423,208", "65,664", "44.9 %", "62.8 %"):
        assert figure in page


def test_a_tampered_link() -> None:
    assert names(opened(milestone="Perceptron").warning[0].value, "milestone=Perceptron", "LeNet-5")
