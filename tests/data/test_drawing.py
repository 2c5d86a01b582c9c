"""From a drawing to a digit of MNIST's, held against MNIST itself."""

import io
from itertools import combinations

import numpy as np
import pytest
from PIL import Image, ImageFilter

from cnnviz.data import datasets
from cnnviz.data.drawing import BOX, STEPS, has_ink, photographed, pipeline, to_mnist
from cnnviz.data.drawing.paper import ink_on_paper
from cnnviz.inference import checkpoints
from cnnviz.inference.predict import read
from tests.helpers import refused


@pytest.fixture(scope="module")
def digits():
    return datasets.load("mnist").x_test[:200, 0].numpy()


def middle(picture):
    rows, columns = np.indices(picture.shape) + 0.5
    return np.array([(picture * rows).sum(), (picture * columns).sum()]) / picture.sum()


def test_a_test_digit_pasted_anywhere_comes_back(digits):
    rng = np.random.default_rng(0)
    for digit in digits:
        canvas = np.zeros((120, 100), np.uint8)
        top, left = rng.integers(0, 92), rng.integers(0, 72)
        canvas[top : top + 28, left : left + 28] = digit
        back = to_mnist(canvas)
        assert back.shape == (28, 28) and back.dtype == np.uint8
        assert np.abs(middle(back) - middle(digit)).max() <= 1


def test_a_large_drawing_is_scaled_down(digits):
    likeness = []
    for digit in digits:
        large = np.asarray(Image.fromarray(digit).resize((280, 280), Image.Resampling.BICUBIC))
        back = to_mnist(large).astype(float)
        assert np.abs(middle(back) - middle(digit)).max() <= 1
        likeness.append(np.corrcoef(back.ravel(), digit.ravel().astype(float))[0, 1])
    assert np.mean(likeness) > 0.92


def test_the_longer_side_is_twenty():
    canvas = np.zeros((200, 200), np.uint8)
    canvas[10:110, 30:50] = 255
    rows, columns = np.nonzero(to_mnist(canvas))
    assert np.ptp(rows) + 1 == 20 and np.ptp(columns) + 1 == 4


@pytest.mark.parametrize("shape", [(1, 1), (1, 400), (400, 1)])
def test_the_smallest_and_the_thinnest(shape):
    assert has_ink(to_mnist(np.full(shape, 255, np.uint8)))


def test_what_is_no_drawing():
    with refused("pad"):
        to_mnist(np.zeros((28, 28), np.uint8))
    with refused("float64", (28, 28)):
        to_mnist(np.zeros((28, 28)))
    with refused("uint8", (28, 28, 3)):
        to_mnist(np.zeros((28, 28, 3), np.uint8))


def pasted(digit, side=112, top=8, left=70):
    """A test digit as ink on a large pad."""
    ink = np.zeros((side, side), np.uint8)
    ink[top : top + 28, left : left + 28] = digit
    return ink


def test_the_whole_pipeline_is_to_mnist(digits):
    for digit in digits[:40]:
        ink = pasted(digit)
        stages = pipeline(255 - ink)
        assert [stage.step for stage in stages] == ["drawn", *STEPS] and all(stage.done for stage in stages)
        drawn, white, cropped, scaled, seen = (stage.picture for stage in stages)
        assert (drawn == 255 - ink).all() and (white == ink).all()
        assert cropped.any(0).all() == cropped[:, [0, -1]].any(0).all() and cropped[[0, -1]].any(1).all()
        assert max(scaled.shape) == BOX
        assert (seen == to_mnist(ink)).all()


SUBSETS = [steps for count in range(len(STEPS) + 1) for steps in combinations(STEPS, count)]


@pytest.mark.parametrize("steps", SUBSETS, ids=lambda steps: "+".join(steps) or "none")
@pytest.mark.parametrize("shape", [(112, 112), (1, 1), (3, 256), (256, 3), (28, 28), (60, 200)])
def test_whatever_is_left_out_it_ends_as_28x28(steps, shape):
    picture = np.full(shape, 255, np.uint8)
    picture[shape[0] // 3, shape[1] // 3] = 0
    *_, last = stages = pipeline(picture, steps)
    assert last.picture.shape == (28, 28) and last.picture.dtype == np.uint8
    assert [stage.step for stage in stages if stage.done] == ["drawn", *steps]


def test_each_step_is_missed(digits):
    """An off-centre digit stays off-centre, a small one small, a narrow one gets wide, ink stays black."""
    ink = pasted(digits[0])
    seen = {step: pipeline(255 - ink, [s for s in STEPS if s != step])[-1].picture for step in STEPS}
    right = pipeline(255 - ink)[-1].picture
    assert np.abs(middle(right) - 14).max() <= 1
    assert right.mean() < 60 < 110 < seen["ink"].mean()
    assert np.count_nonzero(seen["crop"]) < np.count_nonzero(right) / 4  # 20 pixels are the pad, not the digit
    assert seen["scale"].any(1).all() and seen["scale"].any(0).all()  # squeezed into the whole field
    naive = pipeline(255 - ink, ["ink"])[-1].picture
    assert np.abs(middle(naive) - middle(ink) * 28 / 112).max() < 0.2


def test_centring_moves_a_squeezed_digit_too(digits):
    ink = pasted(digits[0])
    seen = pipeline(255 - ink, ["ink", "centre"])[-1].picture
    assert np.abs(middle(seen) - 14).max() <= 1


# --- photographs


def photo(digit, paper=200, ink=60, slope=0.0, noise=0.0, side=200, inverted=False):
    """A digit on paper that gets darker to the right, as a camera sees it."""
    large = np.asarray(Image.fromarray(digit).resize((140, 140), Image.Resampling.BICUBIC), float) / 255
    cover = np.zeros((side, side))
    cover[25:165, 40:180] = large
    light = paper * (1 - slope * np.linspace(0, 1, side)[None] ** 2)
    picture = light * (1 - cover * (1 - ink / paper)) + np.random.default_rng(0).normal(0, noise, cover.shape)
    picture = np.clip(np.rint(picture), 0, 255).astype(np.uint8)
    return (255 - picture if inverted else picture), np.rint(255 * cover).astype(np.uint8)


@pytest.mark.long(sample=4)
@pytest.mark.parametrize("inverted", [False, True], ids=["dark ink", "light ink"])
@pytest.mark.parametrize(
    ("paper", "ink", "slope", "noise"),
    [(255, 0, 0, 0), (200, 60, 0, 0), (200, 60, 0.4, 0), (180, 90, 0.2, 4), (230, 20, 0.5, 6)],
)
def test_a_photo_of_a_digit_is_read(digits, paper, ink, slope, noise, inverted):
    """The centre is that of the digit itself, and lenet5 reads as many as there are."""
    reader = checkpoints.load(checkpoints.shipped()["lenet5"])
    labels = datasets.load("mnist").y_test[: len(digits)]
    right = 0
    for digit, label in zip(digits[:60], labels):
        picture, truth = photo(digit, paper, ink, slope, noise, inverted=inverted)
        seen = pipeline(picture, photo=True)[-1].picture
        assert np.abs(middle(seen) - middle(to_mnist(truth))).max() <= 1
        right += int(read(reader, seen).guesses[0] == label)
    assert right >= 58


def test_a_clean_drawing_is_no_other_as_a_photo(digits):
    for digit in digits[:40]:
        ink = np.asarray(Image.fromarray(digit).resize((280, 280), Image.Resampling.BICUBIC))
        for picture in (ink, 255 - ink):
            assert np.abs(ink_on_paper(picture).astype(float) - ink).mean() < 4


@pytest.mark.parametrize("inverted", [False, True])
def test_ink_may_cover_most_of_the_paper(inverted):
    ink = np.zeros((100, 100), np.uint8)
    ink[10:90, 30:71] = ink[20:80, 20:81] = 255  # just under half
    ink[40:60, 45:55] = 0
    assert np.array_equal(ink_on_paper(255 - ink if inverted else ink), ink)


@pytest.mark.parametrize("shape", [(1, 1), (2, 3), (40, 40), (256, 100)])
@pytest.mark.parametrize("grey", [0, 127, 255])
def test_a_picture_that_is_all_alike_has_no_ink(shape, grey):
    picture = np.full(shape, grey, np.uint8)
    assert not ink_on_paper(picture).any()
    with refused("paper"):
        pipeline(picture, photo=True)


def test_noise_and_light_alone_are_no_ink():
    rng = np.random.default_rng(1)
    light = np.linspace(120, 220, 150)[None] + np.linspace(0, 30, 150)[:, None]
    picture = np.clip(light + rng.normal(0, 3, (150, 150)), 0, 255).astype(np.uint8)
    assert not ink_on_paper(picture).any()


def encoded(image, kind, **options):
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def files(digit):
    """The same photograph in every kind of file that somebody may bring."""
    picture, _ = photo(digit, paper=255, ink=20)
    grey = Image.fromarray(picture)
    clear = Image.merge("LA", (Image.new("L", grey.size), Image.fromarray(255 - picture)))
    return {
        "png": encoded(grey, "PNG"),
        "cmyk.jpg": encoded(grey.convert("CMYK"), "JPEG", quality=90),
        "16bit.png": encoded(Image.fromarray(picture.astype(np.uint16) * 257), "PNG"),
        "transparent.png": encoded(clear, "PNG"),
        "animated.gif": encoded(grey, "GIF", save_all=True, append_images=[grey.filter(ImageFilter.BLUR)]),
        "inverted.webp": encoded(Image.fromarray(255 - picture), "WEBP"),
    }


@pytest.mark.parametrize("kind", ["png", "cmyk.jpg", "16bit.png", "transparent.png", "animated.gif", "inverted.webp"])
def test_kinds_of_files(digits, kind):
    given = files(digits[0])
    expected = to_mnist(photo(digits[0], paper=255, ink=20)[1]).astype(float)
    seen = pipeline(photographed(given[kind]), photo=True)[-1].picture.astype(float)
    assert np.corrcoef(seen.ravel(), expected.ravel())[0, 1] > 0.8


def test_files_that_are_no_pictures(digits):
    png = files(digits[0])["png"]
    for data, value in [
        (b"", "0 bytes"),
        (b"a text", "6 bytes"),
        (png[: len(png) // 2], f"{len(png) // 2:,} bytes"),
        (encoded(Image.new("1", (14_000, 14_000)), "PNG"), "million"),
    ]:
        with refused(value):
            photographed(data)
    with refused("paper"):
        pipeline(photographed(encoded(Image.new("L", (1, 1), 90), "PNG")), photo=True)
