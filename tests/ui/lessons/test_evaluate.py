"""The Evaluate page without a browser: what it shows, what it makes of links, what each click changes."""

from dataclasses import replace
from functools import partial

import numpy as np
import pytest

from cnnviz import links, runs
from cnnviz.data import datasets
from cnnviz.inference import checkpoints
from cnnviz.inference.evaluate import Evaluation, evaluate
from cnnviz.lessons.evaluate import exercises
from cnnviz.lessons.evaluate.settings import Evaluate
from cnnviz.lessons.evaluate.text import CHALLENGES
from cnnviz.server.helpers import Answer, Helpers
from cnnviz.training import TrainConfig
from cnnviz.ui.core import resources
from cnnviz.ui.lessons.evaluate.confusion import is_cell
from cnnviz.ui.lessons.evaluate.parts import MAX_CLASSES, class_table, matrix_rows
from cnnviz.ui.lessons.evaluate.specimen import MAX_BARS, bars
from tests import helpers
from tests.helpers import names

opened = partial(helpers.opened, "evaluate")


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("CNNVIZ_RUNS", str(tmp_path / "runs"))
    return tmp_path


@pytest.fixture
def few(folder, monkeypatch):
    """A data set of a few digits."""
    monkeypatch.setenv("CNNVIZ_DATA", str(folder / "data"))
    return helpers.write_few(folder / "data")


@pytest.fixture(scope="module")
def lenet5():
    return evaluate(checkpoints.load(checkpoints.shipped()["lenet5"]), datasets.load("mnist"))


def shown(at):
    """The data of the matrix, the gallery and the specimen."""
    found = helpers.components(at)
    return [next(data for data in found if key in data) for key in ("counts", "tiles", "picture")]


def warnings(at):
    return [one.value.replace("\\", "") for one in at.warning]


def test_an_exercise_asks_about_what_has_been_measured_and_measures_nothing_itself(lenet5, monkeypatch):
    def measured_here(*_given):
        raise AssertionError("measured once more, in the server")

    monkeypatch.setattr(exercises, "evaluate", measured_here)
    nine = lenet5.per_class()[9]
    at = opened(task="precision")
    said = " ".join(each.value for each in at.markdown)
    assert names(said, f"{nine.predicted:,}", f"{nine.right:,}") and not at.warning and not at.exception
    assert names(" ".join(each.value for each in opened(task="accuracy").markdown), 47, "10,000")


def test_an_exercise_about_a_network_that_could_not_be_measured_is_not_asked(monkeypatch):
    monkeypatch.setattr(exercises, "_known", {})
    wait = Answer.wait

    def refused(self, seconds):
        wait(self, seconds)
        if "resnet20" in str(self.job.arguments):
            raise ValueError("it took more than 120 s")

    monkeypatch.setattr(Answer, "wait", refused)
    monkeypatch.setattr(exercises, "evaluate", lambda *_given: pytest.fail("measured in the server"))
    at = opened(task="accuracy", network="resnet20")
    assert names(" ".join(warnings(at)), "lenet5", "120 s") and not at.exception
    assert not any("misclassified. What" in each.value for each in at.markdown)


def test_it_opens_on_the_misclassified_of_the_network_that_ships(lenet5):
    at = opened()
    matrix, gallery, one = shown(at)
    text = " ".join(each.value for each in at.markdown)
    assert names(text, "99.53 %", "10,000 test images of mnist", 47, "Top-5: 100.00 %", "10 classes")
    assert matrix["counts"] == lenet5.confusion.tolist() and matrix["chosen"] is None
    assert sum(map(sum, matrix["counts"])) == 10_000 and matrix["totals"][1] == 1135
    assert gallery["title"] == "47 misclassified, most confident first" and gallery["page"] == [1, 3]
    assert [tile["index"] for tile in gallery["tiles"]] == lenet5.misclassified()[:16].tolist()
    assert one["index"] == gallery["chosen"] == lenet5.misclassified()[0]
    assert not at.warning


def test_the_pictures_are_those_of_the_test_images():
    data = datasets.load("mnist")
    _, gallery, one = shown(opened(view="samples", image=2019))
    assert gallery["shape"] == [28, 28, 1]
    for tile, picture in zip(gallery["tiles"], gallery["sprite"].reshape(-1, 28, 28)):
        assert (picture == data.x_test[tile["index"], 0].numpy()).all()
        assert tile["label"] == str(int(data.y_test[tile["index"]]))
    assert (one["picture"].reshape(28, 28) == data.x_test[2019, 0].numpy()).all()


def test_image_2019_is_a_nine(lenet5):
    _, _, one = shown(opened(image=2019))
    assert one["classes"][one["label"]] == one["classes"][one["guess"]] == "9"
    assert np.allclose(one["probabilities"], lenet5.probabilities[2019])


def test_the_images_of_a_cell():
    matrix, gallery, one = shown(at := opened(true=9, named=4))
    assert matrix["chosen"] == [9, 4]
    assert gallery["title"] == "true 9, predicted 4: 5 images, most confident first"
    assert {(tile["label"], tile["guess"]) for tile in gallery["tiles"]} == {("9", "4")} and len(gallery["tiles"]) == 5
    assert one["index"] == gallery["tiles"][0]["index"]
    assert at.segmented_control[0].value is None


def test_a_cell_of_the_diagonal_begins_with_the_least_sure():
    _, gallery, _ = shown(opened(true=2, named=2))
    confidence = [tile["probability"] for tile in gallery["tiles"]]
    assert gallery["title"].endswith("least sure first")
    assert confidence == sorted(confidence) and confidence[0] < 0.7


def test_an_empty_cell():
    _, gallery, _ = shown(opened(true=0, named=1))
    assert gallery["title"] == "true 0, predicted 1: no images" and not gallery["tiles"] and gallery["page"] == [1, 1]


def test_a_single_image_has_no_order():
    assert shown(opened(true=1, named=4))[1]["title"] == "true 1, predicted 4: 1 image"


def test_the_pages_of_the_misclassified_hold_each_of_them_once(lenet5):
    indices = [tile["index"] for page in range(1, 4) for tile in shown(opened(page=page))[1]["tiles"]]
    assert indices == lenet5.misclassified().tolist()


@pytest.mark.parametrize(
    ("query", "values"),
    [
        ({"network": "gpt"}, ["'gpt'", "lenet5"]),
        ({"network": "../../checkpoints/lenet5"}, ["'../../checkpoints/lenet5'", "lenet5"]),
        ({"image": 10000}, ["10,000", "0 to 9,999"]),
        ({"true": 4, "named": 10}, ["row 4", "column 10", "10 classes"]),
        ({"true": 4}, ["true", "named"]),
        ({"view": "all"}, ["view=all", "misses, samples"]),
        ({"page": "0"}, ["page=0", 1]),
    ],
)
def test_links_to_what_there_is_not(query, values):
    at = opened(**query)
    assert len(warnings(at)) == 1 and names(warnings(at)[0], *values)
    assert shown(at)[1]["title"] == "47 misclassified, most confident first"


def test_a_page_beyond_the_last_is_the_last():
    assert shown(opened(page=999))[1]["page"] == [3, 3]


def test_the_strip_changes_what_is_shown():
    at = opened(true=9, named=4)
    at.segmented_control[0].set_value("samples").run()
    assert not at.exception
    matrix, gallery, _ = shown(at)
    assert matrix["chosen"] is None and gallery["title"] == "All 10,000 test images, shuffled"
    assert len(gallery["tiles"]) == 16 and gallery["page"] == [1, 625]
    at.number_input[0].set_value(2019).run()
    assert shown(at)[2]["index"] == 2019 and at.query_params["image"] == "2019"
    assert at.query_params["view"] == "samples" and "true" not in at.query_params


def test_a_run_of_ones_own_is_measured_and_measured_anew_when_its_weights_change(few):
    config = TrainConfig(network="conv_mnist", dataset=few, batch_size=50, epochs=2, steps=4, device="cpu")
    run = runs.create(config)
    assert names(warnings(opened(network=run.id))[0], run.id, "weights")
    list(runs.execute(run))
    first = shown(opened(network=run.id))[0]["counts"]
    expected = evaluate(checkpoints.load(run.weights), datasets.load(few))
    assert first == expected.confusion.tolist()
    again = runs.create(replace(config, steps=8, seed=1))
    list(runs.execute(again))
    run.weights.write_bytes(again.weights.read_bytes())
    assert shown(opened(network=run.id))[0]["counts"] != first


def test_a_run_is_measured_while_it_goes_on_and_a_damaged_one_is_not(few):
    run = runs.create(TrainConfig(network="conv_mnist", dataset=few, epochs=2, device="cpu"))
    for event in runs.execute(run):
        if event["event"] == "epoch":
            break
    assert run.state() == "running"
    at = opened(network=run.id)
    assert not at.warning
    expected = evaluate(checkpoints.load(run.weights), datasets.load(few))
    assert shown(at)[0]["counts"] == expected.confusion.tolist()
    run.weights.write_bytes(run.weights.read_bytes()[:3000])
    (sentence,) = warnings(opened(network=run.id))
    assert names(sentence, "model.safetensors", "lenet5")


def test_a_checkpoint_whose_data_set_is_not_at_hand(folder):
    run = runs.create(TrainConfig(subset=2000, epochs=1, steps=1, device="cpu"))
    one = checkpoints.load(checkpoints.shipped()["lenet5"])
    card = checkpoints.Card(**{**vars(one.card), "dataset": "letters"})
    checkpoints.save(run.weights, one.network, card)
    at = opened(network=run.id)
    assert names(warnings(at)[0], "'letters'", "lenet5")


def test_a_data_set_of_ones_own_with_named_classes(folder, monkeypatch):
    """An .npz of one's own: lenet5's card is made to fit it."""
    draw = np.random.default_rng(0)
    x, y = draw.integers(0, 256, (40, 28, 28), dtype=np.uint8), draw.integers(0, 10, 40)
    classes = np.array(["ankle boot", "<b>bag</b>", *"cdefghij"])
    monkeypatch.setenv("CNNVIZ_DATA", str(folder))
    np.savez(folder / "shoes.npz", x_train=x, y_train=y, x_test=x, y_test=y, classes=classes)
    run = runs.create(TrainConfig(subset=2000, epochs=1, steps=1, device="cpu"))
    one = checkpoints.load(checkpoints.shipped()["lenet5"])
    card = checkpoints.Card(**{**vars(one.card), "dataset": "shoes", "classes": tuple(map(str, classes))})
    checkpoints.save(run.weights, one.network, card)
    at = opened(network=run.id)
    assert not at.warning and shown(at)[0]["classes"][0] == "ankle boot"
    assert "&lt;b&gt;bag&lt;/b&gt;" in " ".join(one.proto.body for one in at.get("html"))


@pytest.mark.parametrize("label", CHALLENGES)
def test_challenges_show_what_they_speak_of(label):
    query = links.encode(Evaluate(**CHALLENGES[label][1]))
    at = opened(**query)
    assert not at.warning and shown(at)[1]["tiles"]
    if label == "Nine or four?":
        assert len(shown(at)[1]["tiles"]) == 5 and shown(at)[0]["totals"][9] == 1009


def many(classes, images=3000, seed=0):
    draw = np.random.default_rng(seed)
    logits = draw.normal(size=(images, classes)).astype(np.float32)
    return Evaluation(logits, draw.integers(0, classes, images), tuple(f"class {n}" for n in range(classes)))


def test_of_many_classes_those_with_the_most_misclassified_get_a_row():
    one = many(100)
    rows = matrix_rows(one, None)
    wrong = [int(((one.labels == n) ^ (one.guesses == n)).sum()) for n in range(100)]
    left_out = set(range(100)) - set(rows)
    assert len(rows) == MAX_CLASSES and rows == sorted(rows)
    assert min(wrong[n] for n in rows) >= max(wrong[n] for n in left_out)
    cell = sorted(left_out)[:2]
    assert set(cell) <= set(matrix_rows(one, (cell[0], cell[1])))
    assert class_table(one).count("<tr>") == 101


def test_of_many_classes_the_most_probable_and_the_true_one_get_a_bar():
    probabilities = np.arange(100) / 4950
    assert bars(probabilities, 99) == list(range(99, 99 - MAX_BARS, -1))
    assert bars(probabilities, 3) == [*range(99, 99 - MAX_BARS + 1, -1), 3]
    assert bars(probabilities[:10], 3) == list(range(10))


@pytest.mark.parametrize("cell", [None, 3, [1], [1, 10], [-1, 2], ["1", 2], [1, 2, 3], {"a": 1}])
def test_what_is_no_cell(cell):
    assert not is_cell(cell, 10)
    assert is_cell([0, 9], 10)


def test_the_page_stands_while_the_network_is_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cnnviz.ui.core.work.ask", lambda *_: None)
    at = opened()
    assert [one.key for one in at.selectbox] == ["evaluate_network"] and not at.expander


def test_what_was_refused_is_not_asked_for_again(monkeypatch):
    """As often as the page runs: another network takes its place, and the answer to that comes later."""
    asked = []

    class Refusing(Helpers):
        def ask(self, session, job):
            asked.append(job.arguments[0])
            if "conv_mnist" not in asked[-1]:
                return super().ask(session, job)
            answer = Answer(job, askers=1)
            answer.end(refusal="it takes more than the 120 s that this server gives to one question")
            return answer

    refusing = Refusing(0)
    monkeypatch.setattr(resources, "helpers", lambda: refusing)
    at = opened(network="conv_mnist")
    for _ in range(3):
        assert names(warnings(at)[0], 120, "lenet5") and shown(at)
        helpers.ran(at)
    assert [path.count("conv_mnist") for path in asked] == [1, 0]
