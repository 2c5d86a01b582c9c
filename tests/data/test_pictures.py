"""Built-in pictures, and everything that somebody may bring in place of one."""

import io
import struct
import zlib

import numpy as np
import pytest
from PIL import ExifTags, Image, ImageOps

from cnnviz.data import pictures
from cnnviz.data.pictures import built_in, read_upload
from tests.helpers import refused
from tests.pace import within
from tests.sampling import Tries


def encoded(image: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def ramp(width: int = 100, height: int = 60) -> Image.Image:
    """Black on the left, white on the right."""
    return Image.fromarray(np.tile(np.linspace(0, 255, width).astype(np.uint8), (height, 1)))


def noise() -> Image.Image:
    return Image.fromarray(np.random.default_rng(0).integers(0, 256, (100, 100), dtype=np.uint8))


def chunk(name: bytes, body: bytes = b"") -> bytes:
    """A piece of a PNG."""
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def png_header(width: int, height: int) -> bytes:
    """A PNG that says that it has this size, and has hardly any data."""
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b"\0" * 1000))
        + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize("name", pictures.PICTURES)
def test_built_in_pictures_are_grey_whole_numbers(name: str) -> None:
    picture = built_in(name)
    assert picture.shape == (pictures.SIDE, pictures.SIDE)
    assert picture.dtype == np.float64
    assert picture.min() >= 0 and picture.max() <= 255 and np.ptp(picture) > 200
    np.testing.assert_array_equal(picture, np.rint(picture))
    assert picture is built_in(name)
    assert not picture.flags.writeable


def test_the_pictures_are_the_same_everywhere() -> None:
    """A link shows its receiver the same picture: nothing in it is drawn by chance."""
    np.testing.assert_array_equal(pictures.house(), built_in("House and tree"))


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "BMP", "GIF"])
def test_every_format_is_read(kind: str) -> None:
    picture = read_upload(encoded(ramp(), kind))
    assert picture.shape == (120, 200)  # enlarged twice, nearest
    assert picture[0, 0] < 10 and picture[0, -1] > 245
    np.testing.assert_array_equal(picture, np.rint(picture))


@pytest.mark.parametrize(
    ("size", "shape"),
    [
        ((1000, 500), (128, 256)),
        ((500, 1000), (256, 128)),
        ((256, 256), (256, 256)),
        ((200, 150), (150, 200)),
        ((28, 28), (252, 252)),
        ((1, 1), (256, 256)),
    ],
)
def test_the_size_is_brought_into_bounds(size: tuple[int, int], shape: tuple[int, int]) -> None:
    assert read_upload(encoded(Image.new("L", size, 7))).shape == shape


def test_small_pictures_keep_their_pixels() -> None:
    small = np.array([[0, 255], [255, 0]], dtype=np.uint8)
    np.testing.assert_array_equal(read_upload(encoded(Image.fromarray(small))), np.kron(small, np.ones((128, 128))))


@pytest.mark.parametrize("orientation", range(1, 9))
def test_the_orientation_of_a_camera_is_honoured(orientation: int) -> None:
    image = Image.fromarray(np.arange(40 * 50, dtype=np.uint16).reshape(40, 50).clip(0, 255).astype(np.uint8))
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    data = encoded(image, exif=exif)
    upright = np.asarray(ImageOps.exif_transpose(Image.open(io.BytesIO(data))))
    np.testing.assert_array_equal(read_upload(data), np.kron(upright, np.ones((5, 5))))


def test_transparency_lies_on_white() -> None:
    clear = Image.new("RGBA", (64, 64), (0, 0, 0, 0))
    clear.paste((0, 0, 0, 255), (0, 0, 32, 64))
    picture = read_upload(encoded(clear))
    assert picture[0, 0] == 0 and picture[0, -1] == 255
    palette = Image.new("P", (64, 64), 0)
    palette.putpalette([0, 0, 0, 200, 0, 0])
    assert read_upload(encoded(palette, "GIF", transparency=0)).min() == 255


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA"])
def test_every_kind_of_pixel_is_read(mode: str) -> None:
    picture = read_upload(encoded(ramp().convert("RGB").convert(mode) if mode == "P" else ramp().convert(mode)))
    assert picture[:, :40].mean() < 60 and picture[:, -40:].mean() > 200


def test_sixteen_bits_keep_their_range() -> None:
    deep = Image.fromarray(np.tile(np.linspace(0, 65535, 100).astype(np.uint16), (60, 1)))
    picture = read_upload(encoded(deep))
    assert picture[0, 0] == 0 and picture[0, -1] == 255 and 120 < picture[0, 100] < 136


def test_a_print_jpeg_and_the_first_frame_of_an_animation_are_read() -> None:
    assert read_upload(encoded(Image.new("CMYK", (64, 64), (0, 0, 0, 0)), "JPEG")).min() > 250
    frames = [Image.new("L", (64, 64), grey) for grey in (10, 200)]
    assert read_upload(encoded(frames[0], "GIF", save_all=True, append_images=frames[1:])).max() == 10


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "0 bytes"),
        (b"just some notes, renamed to picture.png", "39 bytes"),
        (b"<?xml version='1.0'?><svg xmlns='http://www.w3.org/2000/svg'/>", "SVG"),
        (b"\x89PNG\r\n\x1a\n", "8 bytes"),
        (encoded(noise())[:3000], "3,000 bytes"),
        (encoded(ramp(), "JPEG")[:500], "500 bytes"),
        (encoded(ramp(), "WEBP")[:60], "pictur"),
        (png_header(60_000, 60_000), "179 million"),
        (png_header(8000, 8000), "64 million"),
        (png_header(4000, 4000), "4000 × 4000"),
        (b"\0" * (pictures.MAX_BYTES + 1), "10 MB"),
        (encoded(Image.new("L", (900, 20))), "900 × 20 pixels"),
        (encoded(ramp(), "TIFF"), f"{len(encoded(ramp(), 'TIFF')):,} bytes"),
    ],
)
def test_what_is_no_picture_gets_one_sentence(data: bytes, says: str) -> None:
    with pytest.raises(ValueError) as caught:
        read_upload(data)
    sentence = str(caught.value)
    assert says in sentence
    assert sentence.endswith(".") and sentence.count(". ") == 0 and len(sentence) < 240


def test_a_bomb_is_not_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    def decode(*_: object) -> None:
        raise AssertionError("decoded")

    monkeypatch.setattr(Image.Image, "load", decode)
    with refused("8000 × 8000", "64 million", "25 million"):
        read_upload(png_header(8000, 8000))


def test_damaged_files_of_any_kind_are_refused_or_read(tries: Tries) -> None:
    """Bytes turned over anywhere: a picture or a sentence, never another error."""
    files = [encoded(ramp(), kind) for kind in ("PNG", "JPEG", "WEBP", "BMP", "GIF")]
    sentences = []
    for pick in tries(3000, sample=150):
        damaged = bytearray(pick.choice(files))
        for _ in range(pick.randint(1, 8)):
            damaged[pick.randrange(len(damaged))] = pick.randrange(256)
        try:
            picture = read_upload(bytes(damaged))
        except ValueError as error:
            sentences.append(str(error))
        else:
            assert max(picture.shape) <= pictures.LARGEST_SIDE
    assert sentences and all(sentence.endswith(".") for sentence in sentences)


PNG, JPEG, GIF = (encoded(noise(), kind) for kind in ("PNG", "JPEG", "GIF"))
SCANS = encoded(noise().convert("RGB"), "JPEG", progressive=True)
COLOURS = 13 + 3 * 2 ** ((GIF[10] & 7) + 1)  # bytes before the first block of a GIF
IN_PIECES = {  # of a few megabytes in hundreds of thousands of pieces, which Pillow would take one after the other
    "words before the pixels": lambda: PNG[:33] + chunk(b"tEXt") * 500_000 + PNG[33:],
    "words after them": lambda: PNG[:-12] + chunk(b"abCd") * 500_000 + PNG[-12:],
    "empty pieces of pixels": lambda: PNG[:33] + chunk(b"IDAT") * 500_000 + PNG[33:],
    "a comment": lambda: GIF[:COLOURS] + b"!\xfe" + b"\x01a" * 2_000_000 + b"\0" + GIF[COLOURS:],
    "extensions": lambda: GIF[:COLOURS] + b"!\x01\0" * 2_000_000 + GIF[COLOURS:],
    "padding": lambda: JPEG[:2] + b"\xff" * 5_000_000 + JPEG[2:],
    "markers": lambda: JPEG[:2] + b"\xff\xe5\0\2" * 1_000_000 + JPEG[2:],
    "scans": lambda: SCANS[:-2] + SCANS[SCANS.rindex(pictures.SCAN) : -2] * 1000 + b"\xff\xd9",
}


@pytest.mark.parametrize("case", IN_PIECES)
def test_a_picture_in_very_many_pieces_costs_nobody_seconds(case: str) -> None:
    data = IN_PIECES[case]()
    with within(1.5), pytest.raises(ValueError):
        read_upload(data)


def test_a_picture_in_as_many_pieces_as_there_are_is_read() -> None:
    """A PNG of 10 MB comes in some 150 pieces of 64 kB, or 1,300 of 8 kB; a progressive JPEG in ten scans."""
    pixels = np.random.default_rng(0).integers(0, 256, (1800, 1800, 3), dtype=np.uint8)
    png = encoded(Image.fromarray(pixels), "PNG", compress_level=1)
    assert 9_000_000 < len(png) < pictures.MAX_BYTES and read_upload(png).shape == (256, 256)
    assert SCANS.count(pictures.SCAN) == 10 and read_upload(SCANS).shape == (200, 200)
