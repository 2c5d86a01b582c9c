"""The Image filters page's settings: every stage against torch, links, colours."""

import random
from dataclasses import replace

import numpy as np
import pytest

from cnnviz import links
from cnnviz.data.pictures import LARGEST_SIDE, PICTURES, SMALLEST_SIDE, built_in
from cnnviz.lessons.filters import text
from cnnviz.lessons.filters.settings import COLOURS, KERNELS, PADDINGS, POOLINGS, Filters, correlate
from cnnviz.lessons.filters.text import CHALLENGES
from cnnviz.ops import windows
from tests.sampling import Tries


def random_settings(pick: random.Random) -> Filters:
    generator = np.random.default_rng(pick.getrandbits(64))
    size = pick.randint(1, 7), pick.randint(1, 7)
    return Filters(
        picture=pick.choice(list(PICTURES)),
        w=links.cells(generator.integers(-9, 10, size).tolist()),
        b=((float(pick.randint(-500, 500)),),),
        stride=pick.randint(1, 4),
        padding=pick.choice(PADDINGS),
        relu=pick.random() < 0.5,
        pool=pick.choice(POOLINGS),
        window=pick.randint(2, 6),
        colours=pick.choice(COLOURS),
    )


def test_every_stage_agrees_with_torch(tries: Tries) -> None:
    """Whole numbers exactly, averages to the last digits; on the smallest and the longest pictures too."""
    for pick in tries(2000, sample=80):
        settings, generator = random_settings(pick), np.random.default_rng(pick.getrandbits(64))
        shape = (pick.randint(SMALLEST_SIDE, 60), pick.randint(SMALLEST_SIDE, 60))
        result = settings.compute(generator.integers(0, 256, shape).astype(float))
        theirs = result.by_torch()
        if settings.pool == "average":
            np.testing.assert_allclose(result.last, theirs, rtol=1e-12, atol=1e-9)
        else:
            np.testing.assert_array_equal(result.last, theirs)


def test_the_sum_of_shifted_pictures_is_the_convolution() -> None:
    generator = np.random.default_rng(3)
    for stride in (1, 2, 3, 4):
        padded, weight = generator.integers(0, 256, (44, 39)).astype(float), generator.integers(-9, 9, (5, 4)) + 0.0
        rows = windows.convolution_axis(44, 5, stride)
        cols = windows.convolution_axis(39, 4, stride)
        slow = windows.convolve(padded[None], weight[None, None], np.zeros(1), rows, cols)[0]
        np.testing.assert_array_equal(correlate(padded, weight, rows, cols, stride), slow)


def test_nothing_that_can_be_chosen_is_impossible() -> None:
    """The largest kernel, stride and window still leave a cell of the smallest and of the longest picture."""
    w = links.cells(np.ones((7, 7)).tolist())
    for shape in ((SMALLEST_SIDE, SMALLEST_SIDE), (SMALLEST_SIDE, LARGEST_SIDE), (LARGEST_SIDE, LARGEST_SIDE)):
        for padding in PADDINGS:
            result = Filters(w=w, stride=4, window=6, padding=padding).compute(np.zeros(shape))
            assert min(result.last.shape) >= 1


@pytest.mark.parametrize("padding", [mode for mode in PADDINGS if mode != "none"])
def test_padding_keeps_the_size(padding: str) -> None:
    for size in range(1, 8):
        settings = Filters(w=links.cells(np.ones((size, 8 - size)).tolist()), padding=padding, pool="none")
        assert settings.compute(np.zeros((40, 50))).convolved.shape == (40, 50)


def test_the_pinned_cell_is_brought_inside_and_stays_in_place_at_every_stride() -> None:
    assert Filters(row=255, col=3, stride=4).compute(np.zeros((64, 64))).inspected == (15, 0)
    for stride in (1, 2, 3, 4):
        assert Filters(row=36, col=12, stride=stride).compute(np.zeros((64, 64))).inspected == (
            36 // stride,
            12 // stride,
        )


def test_colours_follow_from_what_the_kernel_does() -> None:
    picture = built_in("House and tree")
    sobel = Filters().compute(picture)
    assert sobel.signed and sobel.scale == (-sobel.scale[1], np.abs(sobel.convolved).max())
    for name in ("Identity", "Box blur", "Gaussian blur 5 × 5", "Sharpen", "Emboss", "Motion blur 7 × 7"):
        result = Filters(w=KERNELS[name]).compute(picture)
        assert not result.signed and result.scale == (0, 255), name
    assert not Filters(colours="grey").compute(picture).signed
    assert Filters(colours="signed", w=KERNELS["Box blur"]).compute(picture).signed
    black = Filters(w=((0.0,),)).compute(picture)
    assert black.scale[1] > black.scale[0]


def test_links_hold_every_setting(tries: Tries) -> None:
    for pick in tries(2000, sample=100):
        settings = replace(random_settings(pick), row=pick.randint(0, 256), col=pick.randint(0, 256))
        query = links.encode(settings)
        assert links.decode(Filters, query) == (settings, [])
        assert all(character.isalnum() or character in "-._" for text in query.values() for character in text)


@pytest.mark.parametrize(
    ("field", "text"),
    [("picture", "../etc"), ("w", "8x8_1"), ("row", "-1"), ("stride", "5"), ("window", "1"), ("padding", "x")],
)
def test_a_bad_link_gives_the_default_and_a_sentence(field: str, text: str) -> None:
    settings, sentences = links.decode(Filters, {field: text})
    assert settings == Filters()
    assert len(sentences) == 1 and text in sentences[0]


def test_the_shown_code_gives_the_shown_numbers(tries: Tries) -> None:
    picture = np.random.default_rng(5).integers(0, 256, (40, 36)).astype(float)
    for pick in tries(400, sample=20):
        result = random_settings(pick).compute(picture)
        opened = 'Image.open("picture.png").convert("L")'
        assert opened in text.code(result)
        code = text.code(result).replace("from PIL import Image\n", "").replace(opened, "picture").replace("print", "#")
        names = {"picture": picture}
        exec(code, names)
        np.testing.assert_allclose(names["y"][0, 0].numpy(), result.last, rtol=1e-12, atol=1e-9)


def test_remarks_name_what_is_left_out() -> None:
    picture = built_in("House and tree")
    assert text.remarks(Filters().compute(picture)) == []
    assert (
        "the last 4 rows and 4 columns are in no pooling window" in text.remarks(Filters(window=6).compute(picture))[0]
    )
    assert text.remarks(Filters(w=KERNELS["Motion blur 7 × 7"]).compute(picture)) == []  # 1/7 is rounded to 0.1429
    assert "black or white" in text.remarks(Filters(w=KERNELS["Sharpen"]).compute(picture))[0]


def test_kernels_and_challenges_are_what_they_say() -> None:
    for name, kernel in KERNELS.items():
        total = sum(map(sum, kernel))
        assert abs(total) < 1e-12 or abs(total - 1) < 0.05, name
        assert links.decode(Filters, links.encode(Filters(w=kernel))) == (Filters(w=kernel), [])
    for sentence, settings in CHALLENGES.values():
        assert sentence
        replace(Filters(), **settings).compute(built_in(settings["picture"]))
