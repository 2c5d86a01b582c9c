"""Pictures in folders, one a class, as a data set: cat/1.png, dog/1.png, or train/cat/1.png, test/cat/1.png.

Nothing is unpacked to disk: a path only names a class. Pictures of one size stay as they are while networks of the zoo
take them; otherwise the middle square of each is brought to 32x32, or to what the reader chooses.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

import numpy as np
from PIL import Image, ImageOps

from cnnviz.data import pictures
from cnnviz.data.datasets.archives import Progress
from cnnviz.data.datasets.assembling import Part, assemble
from cnnviz.data.datasets.keras import MAX_CLASSES, MAX_SIDE, MIN_SIDE, Arrays, class_name
from cnnviz.data.datasets.understood import SIZES, Account, Choice, Understood
from cnnviz.data.pictures import MAX_BYTES, SUFFIXES, opened
from cnnviz.data.texts import one_line

MAX_FILES = 100_000
MAX_DEPTH = 12  # folders around a picture
LARGEST_SIDE = max(SIZES)  # of pictures that stay as they are unless the reader wants it otherwise
SIDE = 32  # of those that do not, as in CIFAR
MAX_PIXELS = 2_000_000_000  # of all pictures together: at 29 ns each, as WebP takes, a minute of the two that there are
HEADERS = 0.1  # of the work is in the headers
FOREIGN = ("heic", "heif", "tif", "tiff", "avif", "svg", "jp2", "raw", "dng", "cr2", "nef", "psd", "ico", "pdf")
PARTS = {  # by what a folder is called, in any case
    "train": ("train", "training", "trn"),
    "test": ("test", "testing", "tst"),
    "val": ("val", "valid", "validation", "dev", "eval"),
}
PART_OF = {name: part for part, names in PARTS.items() for name in names}
SYSTEMS = ("thumbs.db", "ehthumbs.db", "desktop.ini", "@eadir", "#recycle", "$recycle.bin")  # in small letters
SAVE = "save them again as PNG or JPEG"
MAX_BITS = pictures.DEPTHS[-1]  # of a pixel in a file
MAX_LOOSE = 20  # pictures beside the folders that are named one by one


@dataclass(frozen=True)
class Picture:
    """One picture: what its file is called, its class, its part ('' for none), and how its bytes are had."""

    name: str
    label: str
    part: str
    size: int
    read: Callable[[], bytes]


@dataclass(frozen=True)
class File:
    """A file among others: its path, its bytes before they are had, and how they are."""

    path: str
    size: int
    read: Callable[[], bytes]

    @property
    def place(self) -> PurePosixPath:
        return PurePosixPath(self.path.replace("\\", "/"))

    @property
    def suffix(self) -> str:
        return self.place.suffix[1:].lower()


def read(
    file: str,
    files: Sequence[File],
    account: Account,
    choice: Choice,
    max_bytes: int,
    progress: Progress,
    folders: Sequence[str] = (),
) -> tuple[Arrays, Understood]:
    """The data set that the pictures among `files` amount to; `folders` are those that are known by name alone. Raises
    ValueError with one sentence where they are none that can be learnt from."""
    account.kind = "a folder of pictures for each class"
    taken = _placed(file, files, account)
    inside = [one.place.parts[:-1] for one in files] + [PurePosixPath(one.replace("\\", "/")).parts for one in folders]
    _say_which_are_empty(inside, taken, account)
    return of_pictures(file, taken, account, choice, max_bytes, progress)


def is_hidden(place: PurePosixPath) -> bool:
    """Whether systems put it there: names that begin with a dot, what macOS, Windows and Synology add."""
    return any(part.startswith((".", "__MACOSX")) or part.casefold() in SYSTEMS for part in place.parts)


# --- which class, which part


def _placed(file: str, files: Iterable[File], account: Account) -> list[Picture]:
    """The pictures with their classes and parts. What is none, or lies where no class can be told, is left out and
    named. Raises ValueError where nothing is left, or where two ways to take the folders are as good."""
    found = sorted((one for one in files if not is_hidden(one.place)), key=lambda one: one.path)
    for one in found:
        if len(one.place.parts) > MAX_DEPTH:
            raise ValueError(
                f"{file}: {one.path[:80]!r} lies {len(one.place.parts) - 1:,} folders deep; put it into one"
            )
    shown = [one for one in found if one.suffix in SUFFIXES]
    if len(shown) > MAX_FILES:
        raise ValueError(f"{file} holds {len(shown):,} pictures; at most {MAX_FILES:,} are read")
    if not shown:
        kinds = _kinds(found)
        what = f" that can be read, but {kinds}; {SAVE}" if kinds else ""
        raise ValueError(
            f"{file} holds no pictures{what or '; it needs folders of them, one a class, such as cat/1.png'}"
        )
    roots = _classes(file, shown, account)
    taken = [Picture(one.path, *roots[one.path], one.size, one.read) for one in shown if one.path in roots]
    if not taken:
        raise ValueError(f"{file}: {shown[0].path[:80]!r} lies in no class folder; put it into one, such as cat/1.png")
    _leave_out_others(found, taken, account)
    return taken


def _kinds(files: Iterable[File]) -> str:
    """'12 .heic files', for those of a kind that pictures are of."""
    counts = Counter(one.suffix for one in files if one.suffix in FOREIGN)
    return ", ".join(f"{count:,} .{suffix} file{'s' if count > 1 else ''}" for suffix, count in counts.most_common())


def _classes(file: str, shown: Sequence[File], account: Account) -> dict[str, tuple[str, str]]:
    """Class and part of each picture, by its path."""
    folders = _inside({one.path: one.place.parts[:-1] for one in shown})
    parts = _by_part(file, folders)
    if parts is None:
        return {path: (label, "") for path, label in _labels(file, folders, account).items()}
    found: dict[str, tuple[str, str]] = {}
    for part, own in parts.items():
        inside = _inside(own)
        if not part:
            account.leave_out(f"{_count(own)}", "they lie in neither train nor test")
        elif not any(inside.values()):
            account.leave_out(f"{_count(own)} of {part}", "they lie in no class folders, so they have no labels")
        else:
            found |= {path: (label, part) for path, label in _labels(file, inside, account).items()}
    return found


Places = Mapping[str, tuple[str, ...]]  # by the path of a picture, the folders in which it lies


def _inside(folders: Places) -> Places:
    """The same without the folders that lie around all others. A picture that lies loose beside them has none left."""
    depth = 0
    while True:
        deeper = {place for place in folders.values() if len(place) > depth}
        if len({place[depth] for place in deeper}) != 1 or all(len(place) == depth + 1 for place in deeper):
            return {path: place[depth:] for path, place in folders.items()}
        depth += 1


def _by_part(file: str, folders: Places) -> dict[str, Places] | None:
    """The pictures of each part, '' for those in none; None where no folder is called as a part, or where it is a
    class of that name. Raises ValueError where parts hold pictures and no class folders."""
    found: dict[str, dict[str, tuple[str, ...]]] = defaultdict(dict)
    for path, place in folders.items():
        part = PART_OF.get(place[0].casefold(), "") if place else ""
        found[part][path] = place[1:] if part else place
    parts = [part for part in found if part]
    if not parts or any(any(found[part].values()) for part in parts):
        return dict(found) if parts else None
    if "" in found:
        return None
    first = min(path for part in parts for path in found[part])
    raise ValueError(f"{file}: {first[:80]!r} lies in no class folder; put it into one, such as train/cat")


def _labels(file: str, folders: Places, account: Account) -> dict[str, str]:
    """The class of each picture: the first folder, as torchvision's ImageFolder has it. Raises ValueError where that
    would mix what other folders tell apart."""
    loose = [path for path, place in folders.items() if not place]
    for path in loose[:MAX_LOOSE]:
        account.leave_out(path, "it lies beside the class folders")
    if len(loose) > MAX_LOOSE:
        account.leave_out(_count(loose[MAX_LOOSE:]), "they lie beside the class folders")
    deeper = {place[:2] for place in folders.values() if len(place) > 1}
    twice = sorted(inner for inner, count in Counter(place[1] for place in deeper).items() if count > 1)
    if twice:
        first, second = sorted(place[0] for place in deeper if place[1] == twice[0])[:2]
        raise ValueError(
            f"{file}: both {first[:60]!r} and {second[:60]!r} hold a folder {twice[0][:60]!r}, so that a class can be "
            "either; put the pictures of each class into one folder, these into train and test if you like"
        )
    if deeper:
        label, inner = min(deeper)
        many = sum(len(place) > 1 for place in folders.values())
        account.note(f"{many:,} pictures lie deeper, as in {label}/{inner}: they count as {label}.")
    return {path: place[0] for path, place in folders.items() if place}


def _count(found: Collection[object]) -> str:
    return f"{len(found):,} picture{'' if len(found) == 1 else 's'}"


def _leave_out_others(found: Sequence[File], taken: Sequence[Picture], account: Account) -> None:
    """What is no picture that is read, by its kind; and the classes that have nothing else."""
    others = [one for one in found if one.suffix not in SUFFIXES]
    groups: dict[str, list[File]] = defaultdict(list)
    for one in others:
        groups[one.suffix].append(one)
    for suffix, own in sorted(groups.items()):
        none = "they are no pictures" if len(own) > 1 else "it is no picture"
        why = f"pictures of this kind are not read; {SAVE}" if suffix in FOREIGN else none
        kind = f".{suffix}" if suffix else "unnamed"
        many = f"{len(own):,} {kind} files, such as {own[0].path}" if len(own) > 1 else own[0].path
        account.leave_out(many, why, len(own))
    labels = {picture.label for picture in taken}
    foreign = (one for one in others if one.suffix in FOREIGN and len(one.place.parts) > 1)
    for name, count in Counter(one.place.parts[-2] for one in foreign).items():
        if name not in labels:
            plural = "" if count == 1 else "s"
            account.note(f"The class {name} is missing: its {count:,} file{plural} cannot be read; {SAVE}.")


def _say_which_are_empty(inside: Sequence[tuple[str, ...]], taken: Sequence[Picture], account: Account) -> None:
    """A sentence for the folders that lie beside those of classes and hold no picture; `inside` are all folders, those
    with files and those without."""
    labels = {picture.label for picture in taken}
    roots = set()
    for picture in taken:
        parts = PurePosixPath(picture.name.replace("\\", "/")).parts[:-1]
        roots.add(parts[: parts.index(picture.label, 1 if picture.part and len(parts) > 1 else 0)])
    told, places = " ".join(account.notes), set(inside)
    names = {
        place[len(root)]
        for root in roots
        for place in places
        if place[: len(root)] == root and len(place) > len(root) and not is_hidden(PurePosixPath(*place))
    }
    missing = sorted(one for one in names - labels if PART_OF.get(one.casefold()) is None and f" {one} " not in told)
    if missing:
        more = f" and {len(missing) - 5:,} more" if len(missing) > 5 else ""
        listed = one_line(", ".join(missing[:5]), 200) + more
        several = len(missing) > 1
        account.note(
            f"The class{'es' if several else ''} {listed} {'are' if several else 'is'} missing: no picture that can be "
            f"read lies in {'those folders' if several else 'that folder'}."
        )


# --- in which form


@dataclass(frozen=True)
class _Header:
    """What is known of a picture before it is decoded: (W, H), upright, whether it is grey, and whether it has more
    than 8 bits a pixel."""

    size: tuple[int, int]
    grey: bool
    deep: bool


@dataclass(frozen=True)
class _Form:
    """What all pictures are brought to: a size, and grey (L) or RGB; `whole` is the (H, W) that all had, or ()."""

    width: int
    height: int
    mode: str
    whole: tuple[int, ...]

    @property
    def shape(self) -> tuple[int, ...]:
        """(H, W) or (H, W, 3)."""
        return (self.height, self.width) if self.mode == "L" else (self.height, self.width, 3)

    @property
    def nbytes(self) -> int:
        """The bytes of one picture."""
        return math.prod(self.shape)


def of_pictures(
    file: str,
    found: Sequence[Picture],
    account: Account,
    choice: Choice,
    max_bytes: int,
    progress: Progress,
    named: Sequence[str] = (),
) -> tuple[Arrays, Understood]:
    """The data set that these pictures make; `named` are names of classes where their labels are numbers.

    No picture is decoded before the headers of all were judged. Those that cannot be read are left out and named;
    raises ValueError where that is most of them, and where decoding would take too long or too much.
    """
    labels_wanted = _judged_classes(file, found)
    reader = _Reader(file, account, len(found), progress)
    known = [(one, header) for one in found if (header := reader.header(one))]
    reader.judge_rest(len(known))
    form = _common_form(account, choice, {one.size for _, one in known}, all(one.grey for _, one in known))
    deep = [one for one, header in known if header.deep]
    decoded = [header.size for _, header in known] + [header.size for _, header in known if header.deep]
    _judge_size(file, decoded, len(known) * form.nbytes, max_bytes)
    highest = max(map(reader.brightest, deep), default=0)
    if deep and pictures.bits_of(highest) < MAX_BITS:
        account.note(
            f"Pictures of {MAX_BITS} bits run up to {highest:,}: they were taken as {pictures.bits_of(highest)} bits "
            "each and brought to 8."
        )
    parts: dict[str, tuple[list[np.ndarray], list[str]]] = defaultdict(lambda: ([], []))
    for one, _ in known:
        pixels = reader.pixels(one, form, highest)
        if pixels is not None:
            images, labels = parts[one.part]
            images.append(pixels)
            labels.append(one.label)
    reader.judge_rest(sum(len(images) for images, _ in parts.values()))
    for label in sorted(labels_wanted - {label for _, own in parts.values() for label in own}):
        account.note(f"The class {label} is missing: none of its pictures can be read.")
    whole = {part: Part(np.stack(images), np.array(labels)) for part, (images, labels) in parts.items()}
    if named:
        whole = {part: Part(one.images, np.asarray(one.labels).astype(np.int64)) for part, one in whole.items()}
    sized = Choice(-1, choice.channels)  # the pictures have their size already
    return assemble(file, whole, named, account, sized, form.whole, from_folders=True)


def _judged_classes(file: str, found: Sequence[Picture]) -> set[str]:
    """The classes. Raises ValueError, before a picture is looked at, where there is nothing to tell apart, or too much,
    or where the name of one is too long."""
    classes = {one.label for one in found}
    if not 2 <= len(classes) <= MAX_CLASSES:
        many = f"{len(classes):,} classes" if len(classes) > 1 else "pictures of one class"
        raise ValueError(f"{file} has {many}; from 2 to {MAX_CLASSES:,} classes can be told apart")
    for label in classes:
        class_name(file, label)
    return classes


def _judge_size(file: str, sizes: Sequence[tuple[int, int]], nbytes: int, max_bytes: int) -> None:
    """Raises ValueError where it would be too much."""
    pixels = sum(width * height for width, height in sizes)
    if pixels > MAX_PIXELS:
        raise ValueError(
            f"{file} holds pictures of {pixels / 1e6:,.0f} million pixels in all; at most {MAX_PIXELS / 1e6:,.0f} "
            "million are decoded, so make them smaller, 128 pixels wide for example"
        )
    if nbytes > max_bytes:
        raise ValueError(f"{file} makes {nbytes:,} bytes of pictures; at most {max_bytes:,} are read")


def _common_form(account: Account, choice: Choice, sizes: set[tuple[int, int]], grey: bool) -> _Form:
    """The form that all pictures are brought to, of their sizes (W, H)."""
    mode = "L" if choice.channels == 1 or (grey and choice.channels == 0) else "RGB"
    sides = {side for size in sizes for side in size}
    alike = len(sizes) == 1 and MIN_SIDE <= min(sides) <= max(sides) <= MAX_SIDE
    whole = tuple(reversed(next(iter(sizes)))) if alike else ()
    if whole and (choice.side == -1 or (choice.side == 0 and max(whole) <= LARGEST_SIDE)):
        return _Form(whole[1], whole[0], mode, whole)
    side = choice.side if choice.side > 0 else SIDE
    if whole != (side, side):
        width, height = min(sizes)
        before = f"have {height} × {width} pixels" if len(sizes) == 1 else "are of several sizes"
        account.note(f"The pictures {before}: the middle square of each was brought to {side} × {side}.")
    return _Form(side, side, mode, whole)


class _Reader:
    """Reads pictures one after the other; what cannot be read is left out, as long as that is the lesser part."""

    def __init__(self, file: str, account: Account, count: int, progress: Progress) -> None:
        self._file, self._account, self._count, self._progress = file, account, count, progress
        self._done = 0.0
        self._first = ""  # what was wrong with the first that could not be read

    def header(self, one: Picture) -> _Header | None:
        """What the header of a picture says, none of it decoded; None where it cannot be read."""
        self._did(HEADERS)
        try:
            image = self._opened(one)
        except ValueError as error:
            self._leave_out(one, str(error))
            return None
        deep = pictures.is_deep(image)
        return _Header(_size(image), deep or image.mode in ("1", "L", "LA", "La"), deep)

    def brightest(self, one: Picture) -> int:
        """The highest number of a picture with more than 8 bits a pixel; 0 where it cannot be decoded, which `pixels`
        says."""
        try:
            return pictures.brightest(self._opened(one))
        except Exception:  # on a broken file the decoders raise nearly anything
            return 0

    def pixels(self, one: Picture, form: _Form, highest: int) -> np.ndarray | None:
        """The picture as uint8 (H, W) or (H, W, 3): its middle, where its proportions are others; None where it cannot
        be decoded."""
        self._did(1 - HEADERS)
        try:
            image = self._opened(one)
            if form.whole != (form.height, form.width):
                image.draft(None, (4 * form.width, 4 * form.height))
            plain = pictures.flat(image, highest=highest).convert(form.mode)
            return np.asarray(ImageOps.fit(plain, (form.width, form.height)))
        except ValueError as error:
            self._leave_out(one, str(error))
        except Exception:  # on a broken file the decoders raise nearly anything
            self._leave_out(one, f"it is damaged or was cut short; {SAVE}")
        return None

    def judge_rest(self, left: int) -> None:
        """Raises ValueError, with what was wrong with the first, where most could not be read."""
        if 2 * left < self._count or not left:
            raise ValueError(f"{self._file}: {self._first}")

    def _opened(self, one: Picture) -> Image.Image:
        if one.size > MAX_BYTES:
            raise ValueError(f"it has {one.size:,} bytes; a picture has at most {MAX_BYTES:,}")
        return opened(one.read())

    def _leave_out(self, one: Picture, why: str) -> None:
        self._first = self._first or f"{one.name[:80]!r} cannot be read: {why}".rstrip(".")
        self._account.leave_out(one.name, why.rstrip("."))

    def _did(self, share: float) -> None:
        self._done += share / self._count
        self._progress(min(1.0, self._done))


def _size(image: Image.Image) -> tuple[int, int]:
    """(W, H) of a picture as it stands upright."""
    turned = pictures.orientation(image) in (5, 6, 7, 8)
    return (image.height, image.width) if turned else (image.width, image.height)
