import pytest
import torch
from torch.optim.lr_scheduler import CosineAnnealingLR, OneCycleLR, StepLR

from cnnviz.training.schedules import SCHEDULES, ScheduleConfig, lr_scale


def rates(make, steps):
    """The rates that torch's scheduler gives, one a step, for a learning rate of 1."""
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
    scheduler, found = make(optimizer), []
    for _ in range(steps):
        found.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    return found


@pytest.mark.parametrize("steps", [2, 3, 10, 11, 100, 469])
def test_one_cycle_and_cosine_are_torchs(steps):
    plan = ScheduleConfig(steps)
    ours = {name: [lr_scale(name, plan, step) for step in range(steps)] for name in SCHEDULES}
    one_cycle = rates(lambda o: OneCycleLR(o, 1.0, total_steps=steps + 1, cycle_momentum=False), steps)
    cosine = rates(lambda o: CosineAnnealingLR(o, steps), steps)
    longer = [
        lr_scale("one_cycle", ScheduleConfig(steps + 1), step) for step in range(steps)
    ]  # torch wants one step more
    assert longer == pytest.approx(one_cycle, rel=1e-9) and ours["cosine"] == pytest.approx(cosine, abs=1e-9)
    assert ours["constant"] == [1.0] * steps


@pytest.mark.parametrize(("every", "decay"), [(1, 0.1), (7, 0.5), (250, 0.9), (1000, 0.1)])
def test_step_is_torchs(every, decay):
    torchs = rates(lambda o: StepLR(o, every, decay), 500)
    assert [lr_scale("step", ScheduleConfig(500, every, decay), step) for step in range(500)] == pytest.approx(torchs)


def test_one_cycle_rises_once_and_falls_once():
    course = [lr_scale("one_cycle", ScheduleConfig(1000), step) for step in range(1000)]
    top = course.index(max(course))
    assert top == 299 and course[top] == 1 and course[0] == pytest.approx(0.04)
    assert course[:300] == sorted(course[:300]) and course[300:] == sorted(course[300:], reverse=True)
    assert course[-1] == pytest.approx(4e-6)


def test_a_single_step():
    for name in SCHEDULES:
        assert 0 < lr_scale(name, ScheduleConfig(1), 0) <= 1
