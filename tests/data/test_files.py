import os
import threading

import pytest

from cnnviz.data.files import atomic_write


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_a_reader_meets_the_old_file_until_the_new_one_is_whole(tmp_path):
    path = tmp_path / "model.safetensors"
    path.write_text("old")
    with atomic_write(path) as temporary:
        temporary.write_text("half")
        assert path.read_text() == "old" and temporary.parent == tmp_path and temporary.suffix == ".tmp"
        temporary.write_text("new")
    assert path.read_text() == "new" and names(tmp_path) == ["model.safetensors"]


def test_writing_that_fails_leaves_what_there_was(tmp_path):
    path = tmp_path / "model.safetensors"
    path.write_text("old")

    def fail():
        with atomic_write(path) as temporary:
            temporary.write_text("half")
            raise OSError("the disk is full")

    with pytest.raises(OSError, match="full"):
        fail()
    assert path.read_text() == "old" and names(tmp_path) == ["model.safetensors"]


def test_threads_that_write_the_same_file_do_not_meet(tmp_path):
    path, together = tmp_path / "own.npz", threading.Barrier(8)
    failed = []

    def write(number):
        try:
            with atomic_write(path) as temporary:
                together.wait(30)  # all of them have a name now
                temporary.write_bytes(bytes([number]) * 10_000)
                together.wait(30)
        except OSError as error:
            failed.append(error)

    threads = [threading.Thread(target=write, args=[number]) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not failed and names(tmp_path) == ["own.npz"]
    assert len(set(path.read_bytes())) == 1 and path.stat().st_size == 10_000


def test_the_name_tells_the_process(tmp_path):
    with atomic_write(tmp_path / "a") as temporary:
        temporary.touch()
        assert str(os.getpid()) in temporary.name
