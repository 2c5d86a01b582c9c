"""The state that a recurrent layer begins with: what it wants is said, and written where the text makes it."""

import pytest

from tests.helpers import names
from tests.tracing.test_fixes_of_many import class_of, mended

SEQUENCE = "x = x.squeeze(1)\n"
LAST = "\nreturn self.fc(out[:, -1])"
WRITTEN = {
    "images by a constant": (
        class_of(
            "self.lstm = nn.LSTM(28, 16, 2, batch_first=True)\nself.fc = nn.Linear(16, 10)",
            f"{SEQUENCE}h = torch.zeros(2, batch_size, 16)\nc = torch.zeros(2, batch_size, 16)\n"
            f"out, _ = self.lstm(x, (h, c)){LAST}",
            "batch_size = 64\n\n\n",
        ),
        ("2 × 64 × 16", "2 × 2 × 16"),
        ["h = torch.zeros(2, x.size(0), 16)", "c = torch.zeros(2, x.size(0), 16)"],
    ),
    "two directions, the layers by a name": (
        class_of(
            "self.layers = 2\nself.gru = nn.GRU(28, 16, 2, batch_first=True, bidirectional=True)\n"
            "self.fc = nn.Linear(32, 10)",
            f"{SEQUENCE}h = torch.zeros(self.layers, x.size(0), 16).to(x.device)\nout, _ = self.gru(x, h){LAST}",
        ),
        ("2 × 2 × 16", "4 × 2 × 16"),
        ["h = torch.zeros(self.layers * 2, x.size(0), 16).to(x.device)"],
    ),
    "all of it, the positions first": (
        class_of(
            "self.rnn = nn.RNN(28, 16)\nself.fc = nn.Linear(16, 10)",
            f"{SEQUENCE}h = torch.zeros((2, 32, 100))\nout, h = self.rnn(x.transpose(0, 1), h)\n"
            "return self.fc(out[-1])",
        ),
        ("2 × 32 × 100", "1 × 2 × 16"),
        ["h = torch.zeros((1, x.size(0), 16))"],
    ),
}


@pytest.mark.parametrize("name", WRITTEN)
def test_sizes_are_written_anew(name: str) -> None:
    text, (given, wanted), lines = WRITTEN[name]
    traced, found = mended(text, (2, 1, 28, 28))
    assert traced.stopped is not None and names(traced.stopped.sentence, given, wanted)
    (remedy,) = found.values()
    assert remedy.whole and all(line in remedy.network for line in lines)


def test_a_state_that_the_text_does_not_make_there_is_told_alone() -> None:
    layers = "self.lstm = nn.LSTM(28, 16, 2, batch_first=True)\nself.h = nn.Parameter(torch.zeros(2, 1, 16))"
    traced, found = mended(class_of(layers, f"{SEQUENCE}return self.lstm(x, (self.h, self.h))[0]"), (2, 1, 28, 28))
    assert traced.stopped is not None and names(traced.stopped.sentence, "2 × 1 × 16", "2 × 2 × 16")
    assert found == {}
