"""Views that lay images beside their places in time, and are right; and views that leave no axis to the images."""

from __future__ import annotations

import pytest
import torch

from cnnviz.networks import own
from cnnviz.server import following
from tests.helpers import names
from tests.tracing.test_fixes_of_many import asked, class_of, mended

FILM = (1, 4, 1, 16, 16)  # images, places in time, channels, height, width
LAYERS = "self.conv = nn.Conv2d({channels}, 5, 5)\nself.rnn = nn.LSTM({features}, 8, batch_first=True)"
FOLDS = ("x.view(n * t, c, h, w)", "x.reshape(n * t, c, h, w)", "x.flatten(0, 1)", "x.view(-1, c, h, w)")


def film(fold: str, channels: int, features: int) -> str:
    return class_of(
        LAYERS.format(channels=channels, features=features),
        f"n, t, c, h, w = x.shape\nx = F.max_pool2d(self.conv({fold}), 4)\nreturn self.rnn(x.view(n, t, -1))[0][:, -1]",
    )


@pytest.mark.parametrize("fold", FOLDS)
def test_a_film_in_pictures_is_not_the_cause(fold: str) -> None:
    right = own.read(film(fold, 1, 45)).build((FILM[1:],)).eval()
    films = torch.rand(3, *FILM[1:])
    assert torch.allclose(right(films)[1:2], right(films[1:2]), atol=1e-6)
    traced, found = mended(film(fold, 1, 20), FILM)
    assert traced.stopped is not None and names(traced.stopped.sentence, "rnn", 20, 45)
    assert [(one.text, one.whole) for one in found.values()] == [("input_size=45 in rnn", True)]
    traced = asked(following.trace, film(fold, 3, 45), FILM)
    assert traced.stopped is not None and names(traced.stopped.sentence, "conv", 3, 1)
    assert "x.size(0)" not in traced.stopped.sentence


@pytest.mark.parametrize("view", ["x.view(4, 9)", "x.view(4, -1)", "x.reshape(-1, 9)"])
def test_a_view_that_leaves_no_axis_to_the_images_is(view: str) -> None:
    traced = asked(following.trace, class_of("self.fc = nn.Linear(36, 5)", f"return self.fc({view})"), (1, 4, 3, 3))
    assert traced.stopped is not None and names(traced.stopped.sentence, "x.size(0)")


ONE_ROW = ["x.view((1, -1))", "x.view(1, -1)", "x.view(size=(1, -1))", "torch.reshape(x, (1, -1))"]


@pytest.mark.parametrize("view", ONE_ROW)
def test_all_images_in_one_row_are_told(view: str) -> None:
    text = class_of("self.fc = nn.Linear(36, 5)", f"return self.fc({view})")
    with pytest.raises(RuntimeError):
        own.read(text).build(((4, 3, 3),))(torch.rand(2, 4, 3, 3))
    assert asked(following.trace, text, (1, 4, 3, 3)).stopped is None
    (one,) = asked(following.mixed, text, (1, 4, 3, 3))
    assert (one.kind, one.trains) == ("rows", False) and names(one.sentence, "x.size(0)")


def test_the_sizes_of_a_view_have_a_name() -> None:
    text = class_of("self.fc = nn.Linear(36, 5)", "return self.fc(x.view(size=(x.size(0), -1)))")
    assert own.read(text).build(((4, 3, 3),))(torch.rand(2, 4, 3, 3)).shape == (2, 5)
    assert asked(following.mixed, text, (1, 4, 3, 3)) == ()
