from itertools import islice
from math import cos, pi

import pytest

from cnnviz.training import TrainConfig
from cnnviz.training.experiments import EXPERIMENTS
from cnnviz.training.schedules import SCHEDULES, rates

STEPS = [1, 2, 3, 4, 10, 11, 100, 469, 3752]


def between(start, end, part):
    """From start to end along half a cosine; `part` runs from 0 to 1."""
    return end + (start - end) * (1 + cos(pi * part)) / 2


def one_cycle(step, steps):
    """Up from 1/25 to 1 in 30 % of the steps, then down to 1/250,000."""
    top, last = 0.3 * steps - 1, steps - 1
    if step <= top:
        return between(1 / 25, 1.0, step / top)
    return between(1.0, 1 / 250_000, (step - top) / (last - top))


CLOSED = {
    "constant": lambda step, steps, decay, every: 1.0,
    "step": lambda step, steps, decay, every: decay ** (step // every),
    "one_cycle": lambda step, steps, decay, every: one_cycle(step, steps),
    "cosine": lambda step, steps, decay, every: between(1.0, 0.0, step / steps),
    "sweep": lambda step, steps, decay, every: 10 ** (-6 + 6 * step / max(1, steps - 1)),
}


def by_formula(config, steps, per_epoch):
    """The rates of all steps, each by itself."""
    formula, every = CLOSED[config.schedule], config.decay_epochs * per_epoch
    return [config.learning_rate * formula(step, steps, config.decay, every) for step in range(steps)]


@pytest.mark.parametrize("steps", STEPS)
@pytest.mark.parametrize("name", SCHEDULES)
def test_the_rates_are_those_of_the_formulas(name, steps):
    for rate in (1.0, 0.008):
        config = TrainConfig(schedule=name, learning_rate=rate, decay=0.3, decay_epochs=2)
        found = list(rates(config, steps, max(1, steps // 7)))
        assert found == pytest.approx(by_formula(config, steps, max(1, steps // 7)), rel=0, abs=1e-12)


@pytest.mark.parametrize(("decay", "decay_epochs"), [(0.1, 1), (0.5, 7), (0.9, 250), (0.1, 1000), (1.0, 3), (0.001, 2)])
def test_the_rates_of_step_follow_its_settings(decay, decay_epochs):
    config = TrainConfig(schedule="step", learning_rate=1.0, decay=decay, decay_epochs=decay_epochs)
    for steps, per_epoch in ((500, 1), (500, 3), (1, 1), (2, 1), (3, 2)):
        found = list(rates(config, steps, per_epoch))
        assert found == pytest.approx(by_formula(config, steps, per_epoch), rel=0, abs=1e-12)


@pytest.mark.parametrize(("name", "steps", "per_epoch"), [("quick", 600, 600), ("resnet_fast_short", 1500, 500)])
def test_the_rates_of_an_experiment_are_the_formulas_to_the_bit(name, steps, per_epoch):
    config = EXPERIMENTS[name].config
    assert list(rates(config, steps, per_epoch)) == by_formula(config, steps, per_epoch)


def test_an_epoch_at_a_time():
    config = TrainConfig(schedule="one_cycle")
    going, whole = rates(config, 10, 4), list(rates(config, 10, 4))
    assert [list(islice(going, count)) for count in (4, 4, 2)] == [whole[:4], whole[4:8], whole[8:]]


def test_one_cycle_rises_once_and_falls_once():
    course = list(rates(TrainConfig(schedule="one_cycle", learning_rate=1.0), 1000, 1000))
    top = course.index(max(course))
    assert top == 299 and course[top] == 1 and course[0] == pytest.approx(0.04)
    assert course[:300] == sorted(course[:300]) and course[300:] == sorted(course[300:], reverse=True)
    assert course[-1] == pytest.approx(4e-6)


@pytest.mark.parametrize("name", SCHEDULES)
def test_a_single_step(name):
    assert 0 < next(rates(TrainConfig(schedule=name, learning_rate=1.0), 1, 1)) <= 1
