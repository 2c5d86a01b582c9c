"""The bench of a device, tried on the CPU with few steps: its rows hold what it says that it measures."""

import re

import pytest

from bench import device, train


def is_ratio(shown: str, above: int, below: int) -> bool:
    """Whether that is the ratio of two figures that were rounded to whole numbers, as a busy machine's may be small."""
    rounding = 0.5 * 10 ** -len(shown.partition(".")[2])
    least, most = (above - 0.5) / (below + 0.5), (above + 0.5) / (below - 0.5)
    return below > 0 and least - rounding <= float(shown) <= most + rounding


@pytest.mark.slow
def test_a_trial_on_the_cpu(monkeypatch, capsys, tmp_path, small_mnist):
    monkeypatch.setattr(device, "SPEEDS", (("lenet5", "mnist", 50), ("conv_cifar10", "cifar10", 10)))
    monkeypatch.setattr(device, "SEEDS", 2)
    monkeypatch.setattr(device, "TEXTS", tuple((*text, 10) for *text, _ in device.TEXTS))
    monkeypatch.setattr(device, "PASSES", 1)
    monkeypatch.setattr(device, "AGREED", 50)
    monkeypatch.setattr(device, "REPORT", tmp_path / "bench-gpu.md")
    monkeypatch.setenv("CNNVIZ_DATA", str(tmp_path))
    train.main(["--device", "cpu", "--steps", "2", "--write"])
    report = (tmp_path / "bench-gpu.md").read_text()
    assert "a trial of 2 steps each" in report and report.splitlines()[4] in capsys.readouterr().out
    speeds = re.findall(r"\| (\w+) on .*, \d+ \| ([\d,]+) \| ([\d,]+) \| ([\d,]+) \| ([\d.]+) \| - \|", report)
    assert [row[0] for row in speeds] == ["lenet5", "conv_cifar10"]
    for _, theirs, exact, mixed, ratio in speeds:
        slow, *ours = (int(number.replace(",", "")) for number in (theirs, exact, mixed))
        assert is_ratio(ratio, max(ours), slow)
    pasted = re.findall(r"\| (\w+), \d+ \| ([\d,]+) \| ([\d,]+) \| ([\d.]+) \| one by one \|", report)
    assert [row[0] for row in pasted] == ["LeNet5", "ResNet20"]
    for _, plain, text, ratio in pasted:
        one, other = (int(number.replace(",", "")) for number in (plain, text))
        assert is_ratio(ratio, other, one)
    same = re.findall(r"\| (\w+) on .* \| 50 \| ([\d.]+)% \| ([\d.e-]+) \|", report)
    assert {"lenet5", "resnet20"} <= {name for name, *_ in same}
    assert {(share, difference) for _, share, difference in same} == {("100.00", "0")}  # the CPU agrees with itself
    assert "0 of 2" in report  # two steps do not reach 99 %
