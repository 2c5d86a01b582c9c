import pytest
import torch

from cnnviz.training import augmentation
from cnnviz.training.augmentation import AUGMENTATIONS, PADDING, augment


def pictures(count=64, channels=3, height=12, width=10, seed=0):
    generator = torch.Generator().manual_seed(seed)
    return torch.randint(1, 256, (count, channels, height, width), dtype=torch.uint8, generator=generator)


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


@pytest.mark.parametrize("name", AUGMENTATIONS)
@pytest.mark.parametrize("shape", [(1, 1, 28, 28), (5, 3, 32, 32), (7, 3, 9, 14)])
def test_shape_type_and_repeatability(name, shape):
    images = pictures(*shape)
    before = images.clone()
    first, second = (augment(name, images, generator(3)) for _ in range(2))
    assert first.shape == images.shape and first.dtype == torch.uint8
    assert torch.equal(first, second) and torch.equal(images, before)


@pytest.mark.parametrize("name", [name for name in AUGMENTATIONS if name != "none"])
def test_another_chance_another_batch(name):
    images = pictures()
    assert not torch.equal(augment(name, images, generator(0)), augment(name, images, generator(1)))


def test_flip_mirrors_about_half():
    images = pictures(1000)
    seen = augment("flip", images, generator())
    mirrored = (seen == images.flip(3)).flatten(1).all(1)
    kept = (seen == images).flatten(1).all(1)
    assert (mirrored ^ kept).all() and 430 < mirrored.sum() < 570


def test_crop_is_a_window_of_the_padded_picture():
    """Every picture is found at one of the 81 places of the padded one, and all 81 are met."""
    images = pictures(2000, 1, 6, 5)
    seen = augment("crop", images, generator())
    padded = torch.nn.functional.pad(images, (PADDING,) * 4)
    places = set()
    for top in range(2 * PADDING + 1):
        for left in range(2 * PADDING + 1):
            window = padded[:, :, top : top + 6, left : left + 5]
            if (window == seen).flatten(1).all(1).any():
                places.add((top, left))
    assert len(places) == 81
    for image, one in zip(padded[:100], seen[:100], strict=True):
        windows = image.unfold(1, 6, 1).unfold(2, 5, 1)  # (1, 9, 9, 6, 5)
        assert (windows == one[:, None, None]).flatten(3).all(3).any()


def moved(images, degrees=0.0, down=0.0, right=0.0, size=None):
    """The augmentations' own arithmetic, with nothing left to chance."""
    angle, down, right = (torch.full((len(images),), float(value)) for value in (degrees, down, right))
    sizes = None if size is None else torch.full((len(images),), float(size))
    return augmentation.moved(images, angle * torch.pi / 180, down, right, sizes).float()


@pytest.mark.parametrize(("height", "width"), [(12, 12), (12, 10), (7, 20)])
def test_whole_shifts_move_whole_pixels(height, width):
    images = pictures(3, 2, height, width)
    seen = moved(images, down=2, right=-1)
    assert torch.equal(seen[:, :, 2:, :-1], images[:, :, :-2, 1:].float())
    assert not seen[:, :, :2].any() and not seen[:, :, :, -1].any()


def test_turns():
    square, oblong = pictures(2, 3, 9, 9), pictures(2, 3, 9, 14)
    quarter = moved(square, degrees=90)
    assert torch.equal(quarter, square.rot90(1, (2, 3)).float()) or torch.equal(
        quarter, square.rot90(-1, (2, 3)).float()
    )
    assert torch.equal(moved(oblong, degrees=180), oblong.rot90(2, (2, 3)).float())


def test_a_turn_keeps_proportions_in_an_oblong_picture():
    """A quarter turn about the middle of a wide picture takes the middle square of it into itself."""
    oblong = pictures(1, 1, 8, 14)
    seen, middle = moved(oblong, degrees=90)[..., 3:11], oblong[..., 3:11].float()
    assert any(torch.equal(seen, middle.rot90(k, (2, 3))) for k in (1, -1))


def test_shift_rotate_stays_within_its_bounds():
    """A dot in the middle of a digit's field moves by no more than a diagonal shift."""
    images = torch.zeros(500, 1, 29, 29, dtype=torch.uint8)
    images[:, :, 14, 14] = 255
    seen = augment("shift_rotate", images, generator())
    rows, columns = (seen.amax((1, 5 - axis)) > 0 for axis in (2, 3))
    assert rows[:, 11:18].any(1).all() and not rows[:, :11].any() and not rows[:, 18:].any()
    assert columns[:, 11:18].any(1).all() and not columns[:, :11].any() and not columns[:, 18:].any()
    assert len({tuple(picture.flatten().nonzero().flatten().tolist()) for picture in seen}) > 10


def test_twice_the_size():
    """A square in the middle grows to twice its sides and stays in the middle."""
    images = torch.zeros(1, 1, 12, 12, dtype=torch.uint8)
    images[:, :, 4:8, 4:8] = 255
    seen = moved(images, size=2)[0, 0]
    assert (seen[3:9, 3:9] == 255).all() and seen.sum() == pytest.approx(255 * 64, rel=0.01)
    assert torch.equal(seen, seen.flip(0)) and torch.equal(seen, seen.T)


def test_pens_are_a_pixel_wider_or_narrower_at_the_most():
    line = torch.zeros(5, 1, 11, 11)
    line[:, :, 4:7] = 200.0
    drawn = augmentation.pen(line, torch.tensor([-1.0, -0.5, 0.0, 0.5, 1.0]))[:, 0, :, 5]
    expected = [(5, 0, 0), (5, 100, 0), (5, 200, 0), (5, 200, 100), (5, 200, 200)]
    for column, (middle, edge, beyond) in zip(drawn, expected, strict=True):
        assert (column[middle], column[4], column[3], column[2]) == (200, edge, beyond, 0)


def test_handwriting_keeps_a_digit_a_digit():
    digits = torch.zeros(200, 1, 28, 28, dtype=torch.uint8)
    digits[:, :, 4:24, 12:16] = 255
    seen = augment("handwriting", digits, generator())
    ink = seen.flatten(1).float().sum(1) / 255
    assert 25 < ink.min() < 60 and 100 < ink.max() < 190
    assert not seen[:, :, :, :2].any() and not seen[:, :, :, -2:].any()
