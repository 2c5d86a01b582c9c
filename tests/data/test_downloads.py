"""torchvision's download, from a server of this test's own: the real one cannot be counted on."""

import gzip
import hashlib
import io
import pickle
import tarfile
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest
import torchvision

from cnnviz.data import datasets
from cnnviz.training import TrainConfig, train
from tests.helpers import refused

RNG = np.random.default_rng(0)


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@pytest.fixture
def site(tmp_path):
    """A folder and the address under which it is served."""
    (tmp_path / "site").mkdir()
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=tmp_path / "site"))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield tmp_path / "site", f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("CNNVIZ_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    return tmp_path / "data"


def md5(content):
    return hashlib.md5(content).hexdigest()


def idx(array):
    """The format of MNIST's files: two zeros, the type, the dimensions, then the numbers."""
    sizes = b"".join(size.to_bytes(4, "big") for size in array.shape)
    return gzip.compress(bytes([0, 0, 8, array.ndim]) + sizes + array.tobytes())


@pytest.fixture
def fashion(site, monkeypatch):
    """A FashionMNIST of 40 and 10 pictures on the server."""
    place, address = site
    arrays = {
        "train-images-idx3-ubyte.gz": RNG.integers(0, 256, (40, 28, 28), dtype=np.uint8),
        "train-labels-idx1-ubyte.gz": np.arange(40, dtype=np.uint8) % 10,
        "t10k-images-idx3-ubyte.gz": RNG.integers(0, 256, (10, 28, 28), dtype=np.uint8),
        "t10k-labels-idx1-ubyte.gz": np.arange(10, dtype=np.uint8),
    }
    for name, array in arrays.items():
        (place / name).write_bytes(idx(array))
    kind = torchvision.datasets.FashionMNIST
    monkeypatch.setattr(kind, "mirrors", [address])
    monkeypatch.setattr(kind, "resources", [(name, md5((place / name).read_bytes())) for name in arrays])
    return place, list(arrays.values())


def cifar(site, monkeypatch, kind, labels, batches, meta):
    """An archive in CIFAR's form on the server: 3 training pictures a batch, 4 for the test."""
    place, address = site
    names = [name for name, _ in kind.train_list] + [name for name, _ in kind.test_list]
    content, images = {}, []
    for name, count in zip(names, [3] * batches + [4], strict=True):
        data = RNG.integers(0, 256, (count, 3072), dtype=np.uint8)
        images.append(data)
        content[name] = pickle.dumps({"data": data, labels: list(range(count))})
    content[kind.meta["filename"]] = pickle.dumps({kind.meta["key"]: meta})
    with tarfile.open(place / kind.filename, "w:gz") as archive:
        for name, data in content.items():
            entry = tarfile.TarInfo(f"{kind.base_folder}/{name}")
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    sums = {name: md5(data) for name, data in content.items()}
    monkeypatch.setattr(kind, "url", address + kind.filename)
    monkeypatch.setattr(kind, "tgz_md5", md5((place / kind.filename).read_bytes()))
    monkeypatch.setattr(kind, "train_list", [[name, sums[name]] for name in names[:-1]])
    monkeypatch.setattr(kind, "test_list", [[names[-1], sums[names[-1]]]])
    monkeypatch.setattr(kind, "meta", {**kind.meta, "md5": sums[kind.meta["filename"]]})
    return images


def test_fashion_mnist_is_fetched_once_and_kept(fashion, folder):
    place, (x_train, y_train, x_test, _) = fashion
    data = datasets.load("fashion_mnist")
    assert np.array_equal(data.x_train[:, 0].numpy(), x_train) and data.y_train.tolist() == y_train.tolist()
    assert np.array_equal(data.x_test[:, 0].numpy(), x_test) and data.classes[9] == "Ankle boot"
    assert [path.name for path in folder.iterdir()] == ["fashion_mnist.npz"]
    for path in place.iterdir():
        path.unlink()  # the server has nothing any more, and nobody asks it
    datasets._cache.clear()
    assert datasets.load("fashion_mnist").x_train.equal(data.x_train) and "fashion_mnist" in datasets.names()


def test_cifar10(site, monkeypatch, folder):
    animals = [f"animal {i}" for i in range(10)]
    images = cifar(site, monkeypatch, torchvision.datasets.CIFAR10, "labels", 5, animals)
    data = datasets.load("cifar10")
    assert data.classes == tuple(animals) and data.y_train.tolist() == [0, 1, 2] * 5
    assert data.x_train.shape == (15, 3, 32, 32) and data.x_test.shape == (4, 3, 32, 32)
    assert np.array_equal(data.x_test.numpy(), images[-1].reshape(-1, 3, 32, 32))
    with np.load(folder / "cifar10.npz") as kept:
        assert kept["x_train"].shape == (15, 32, 32, 3)


def test_cifar100(site, monkeypatch):
    names = [f"class {i}" for i in range(100)]
    cifar(site, monkeypatch, torchvision.datasets.CIFAR100, "fine_labels", 1, names)
    assert datasets.load("cifar100").classes == tuple(names)


def test_what_is_damaged_on_its_way_is_not_kept(fashion, folder):
    place, _ = fashion
    (place / "train-images-idx3-ubyte.gz").write_bytes(b"an error page")
    with refused("fashion_mnist", "fashion_mnist.npz"):
        datasets.load("fashion_mnist")
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("name", ["cifar10", "cifar100"])
def test_offline(name, monkeypatch, folder):
    kind = getattr(torchvision.datasets, datasets.downloads.SETS[name])
    monkeypatch.setattr(kind, "url", "http://127.0.0.1:9/nothing.tar.gz")  # nobody listens there
    with refused(name, f"{name}.npz", folder, "x_train"):
        datasets.load(name)


def test_a_run_says_so_before_it_begins(monkeypatch):
    monkeypatch.setattr(torchvision.datasets.CIFAR10, "url", "http://127.0.0.1:9/nothing.tar.gz")
    with refused("cifar10", "cifar10.npz"):
        train(TrainConfig(network="conv_cifar10", dataset="cifar10"))


def test_offered_names_the_downloads(folder):
    assert datasets.names() == ["mnist"]
    assert datasets.offered() == ["mnist", "fashion_mnist", "cifar10", "cifar100"]


def test_a_download_tells_how_much_has_come(fashion, folder, monkeypatch):
    place, _ = fashion
    whole = sum(path.stat().st_size for path in place.iterdir())
    monkeypatch.setitem(datasets.downloads.BYTES, "fashion_mnist", whole)
    shares = list(datasets.downloads.download_progress("fashion_mnist", folder, pause=0.001))
    assert shares and shares == sorted(shares) and 0 <= shares[0] and shares[-1] <= 1
    assert datasets.names() == ["mnist", "fashion_mnist"] and len(datasets.load("fashion_mnist").x_train) == 40


def test_a_download_that_fails_says_so_when_it_is_watched(site, folder, monkeypatch):
    monkeypatch.setattr(torchvision.datasets.FashionMNIST, "mirrors", [site[1]])
    with refused("fashion_mnist", "fashion_mnist.npz"):
        list(datasets.downloads.download_progress("fashion_mnist", folder, pause=0.001))


def test_a_data_folder_that_cannot_be_written(fashion, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("CNNVIZ_DATA", str(tmp_path / "file" / "data"))
    with refused("fashion_mnist", "Not a directory", "fashion_mnist.npz"):
        datasets.load("fashion_mnist")
    assert datasets.names() == ["mnist"] and len(datasets.load("mnist").x_train) == 60_000
