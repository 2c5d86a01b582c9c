"""The Ray engine, against a cluster that is started here. Ray is an extra (requirements-ray.txt): where it is not
installed there is nothing to test but the sentence that says so."""

import contextlib
import importlib
import importlib.util
import os
import shutil
import signal
import tempfile
import threading
import time
from pathlib import Path

import pytest

from cnnviz import runs
from cnnviz.inference import checkpoints
from cnnviz.server.limits import Limits
from cnnviz.server.ray_cluster import Cluster
from cnnviz.training import TrainConfig
from tests.helpers import ending, names, refused, wait, write_few

pytestmark = pytest.mark.slow
SHORT = TrainConfig(dataset="few", batch_size=100, epochs=1, steps=2, device="cpu")
LONG = TrainConfig(epochs=1000, device="cpu", time_limit=600)
AGENTS_PORTS = {"metrics_agent", "metrics_export", "dashboard_agent_listen", "runtime_env_agent"}
HUNG = 20  # seconds without an answer from a worker that was stopped
NO_RAY = "ray is not installed; pip install -r requirements-ray.txt"


class Slower:
    """The module time with a clock that goes at a twentieth: Ray gives its machine 30 s to come up, which stands fixed
    in its code, and a busy one takes longer."""

    def __getattr__(self, name):
        return getattr(time, name)

    def monotonic(self):
        return time.monotonic() / 20


@pytest.fixture
def folder(tmp_path):
    """Where runs and data lie, here and on the machines of the cluster, which start with this environment."""
    pytest.importorskip("ray", reason=NO_RAY)
    write_few(tmp_path / "data")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CNNVIZ_RUNS", str(tmp_path / "runs"))
        patch.setenv("CNNVIZ_DATA", str(tmp_path / "data"))
        patch.setenv("RAY_USAGE_STATS_ENABLED", "0")
        yield tmp_path


@pytest.fixture
def address(folder):
    """A cluster of one small machine. Its sockets need a short path, and its logs go with it, also the note where it
    is, for which Ray makes no folder."""
    from ray.cluster_utils import Cluster as LocalCluster

    place = tempfile.mkdtemp(prefix="ray")
    small = {"num_cpus": 1, "num_gpus": 0, "object_store_memory": 100_000_000, "include_dashboard": False}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RAY_TMPDIR", place)
        Path(place, "ray").mkdir()
        patch.setenv("RAY_gcs_server_port_wait_time_s", "600")
        patch.setenv("RAY_worker_niceness", "0")  # 15 otherwise: beside other work a fiftieth of a processor
        patch.setattr("ray._private.node.time", Slower())
        threading.Thread(target=hold_until_its_agents_are_up, args=(Path(place),), daemon=True).start()
        local = LocalCluster(initialize_head=True, head_node_args={**small, "temp_dir": place})
        try:
            yield local.address
        finally:
            importlib.import_module("ray").shutdown()
            local.shutdown()
            shutil.rmtree(place, ignore_errors=True)


@pytest.fixture
def cluster(address, pytestconfig):
    patience = HUNG if pytestconfig.getoption("long") else 600  # what trains may take as long as the machine needs
    with ending(Cluster(address, Limits(epochs=1000, seconds=700, queued=4), patience=patience)) as pool:
        yield pool


def hold_until_its_agents_are_up(place):
    """Ray's own process for a machine gives the two agents that it starts 15 s to write down their ports, which stand
    fixed in its code, and ends where a busy machine takes longer: it stands still until they are there."""
    wait(lambda: len(agents(place)) == 2)
    around = int(Path(f"/proc/{agents(place)[0]}/stat").read_text().rpartition(")")[2].split()[1])
    os.kill(around, signal.SIGSTOP)
    try:
        wait(lambda: {one.name.rpartition("_port_")[0] for one in place.glob("session_*/*_port_*")} >= AGENTS_PORTS)
    finally:
        os.kill(around, signal.SIGCONT)


def agents(place):
    """The agents of the cluster that has its files there."""
    folder = os.fsencode(place)
    return [pid for pid, args in processes() if b"agent" in b" ".join(args[1:3]) and any(folder in one for one in args)]


def remote_workers():
    """The processes of Ray on this machine that carry out a run."""
    return [pid for pid, args in processes() if args[0].startswith(b"ray::_Trainee")]


def processes():
    """Every process of this machine, with its arguments."""
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):  # it has just ended
            yield int(folder.name), (folder / "cmdline").read_bytes().split(b"\0")


def test_what_a_cluster_does_with_runs(cluster, pytestconfig):
    """One after the other in one cluster: each run there has a process of its own, which loads torch. In
    `make test-long` a worker hangs, too, and is waited for."""
    killed, done = _a_killed_worker_ends_its_run_and_the_next_in_the_queue_has_another(cluster)
    _the_limits_are_those_of_the_workers(cluster, done)
    _it_came_back_whole_and_equal_to_one_of_this_machine(done)
    following = _a_stopped_worker_blocks_nobody(cluster) if pytestconfig.getoption("long") else _under_way(cluster)
    _a_run_in_training_stops_and_keeps_its_weights(cluster, following)
    _a_run_that_waits_for_a_machine_of_the_cluster_stops_at_once(cluster)
    _what_goes_wrong_over_there_is_told_here(cluster)
    assert killed.state() == "failed" and done.state() == "done"


def _a_killed_worker_ends_its_run_and_the_next_in_the_queue_has_another(cluster):
    killed = runs.find(cluster.submit(LONG, "a"))
    second, third = (runs.find(cluster.submit(SHORT, session)) for session in "ab")
    assert [cluster.place(run.id) for run in (killed, third, second)] == [0, 1, 2]
    wait(lambda: len(killed.events()) > 1)
    cluster.stop(second.id)
    assert second.state() == "stopped"
    (worker,) = remote_workers()
    os.kill(worker, signal.SIGKILL)
    wait(lambda: killed.state() == "failed")
    assert names(killed.events()[-1]["reason"], "Ray", "Train")
    wait(lambda: third.state() == "done")
    return killed, third


def _the_limits_are_those_of_the_workers(cluster, run):
    assert run.config().time_limit == 700
    assert cluster.limits.queued == 4


def _it_came_back_whole_and_equal_to_one_of_this_machine(run):
    assert sorted(path.name for path in run.folder.iterdir() if path.suffix != ".safetensors") == [
        "config.json",
        "metrics.jsonl",
        "owner",
    ]
    here = runs.create(run.config())
    mine = [event["loss"] for event in runs.execute(here) if event["event"] == "step"]
    assert mine == pytest.approx([event["loss"] for event in run.events() if event["event"] == "step"], rel=1e-4)
    assert checkpoints.load(run.weights).card == checkpoints.load(here.weights).card


def _a_stopped_worker_blocks_nobody(cluster):
    """SIGSTOP: its actor does not answer, and is killed; the cluster gives its core to the next run."""
    hung, following = _under_way(cluster), runs.find(cluster.submit(LONG))
    (worker,) = remote_workers()
    os.kill(worker, signal.SIGSTOP)
    wait(lambda: hung.state() == "failed")
    assert names(hung.events()[-1]["reason"], HUNG)
    wait(lambda: len(following.events()) > 1)
    return following


def _under_way(cluster):
    run = runs.find(cluster.submit(LONG))
    wait(lambda: len(run.events()) > 1)
    return run


def _a_run_in_training_stops_and_keeps_its_weights(cluster, run):
    cluster.stop(run.id)
    wait(lambda: run.state() == "stopped")
    assert "reason" not in run.events()[-1] and run.weights.is_file()


def _a_run_that_waits_for_a_machine_of_the_cluster_stops_at_once(cluster):
    wait(lambda: not cluster.running())
    run = runs.find(cluster.submit(LONG))
    cluster.stop(run.id)
    assert run.state() == "stopped"
    wait(lambda: not cluster.running())
    assert run.events()[-1]["step"] == 0


def _what_goes_wrong_over_there_is_told_here(cluster):
    run = runs.find(cluster.submit(TrainConfig(dataset="nowhere")))
    wait(lambda: run.state() == "failed")
    assert "'nowhere'" in run.events()[-1]["reason"]


def test_without_ray_a_sentence_says_what_to_install():
    if importlib.util.find_spec("ray") is None:
        with refused("CNNVIZ_RAY_ADDRESS", "'auto'", "requirements-ray.txt"):
            Cluster("auto", Limits())
    else:
        Cluster("auto", Limits()).close()  # it connects only when it is first needed
