"""What an edit runs besides the stage: nothing, or the page's part with the controls where what they say has changed.
Without a browser a run that nobody named is of the whole page, and one of that part has no title."""

import pytest
from streamlit.testing.v1 import AppTest

from tests.helpers import names
from tests.test_pages import cell, edit, run, values


def ran_the_part(app: AppTest) -> bool:
    """Whether the last edit ran the part with the controls by its name."""
    assert app.exception == []
    return len(app.title) == 0 and len(app.number_input) > 0


@pytest.mark.parametrize("page", ["convolution", "channels", "pooling"])
def test_numbers_concern_the_stage_alone_once_they_have_no_name(page: str) -> None:
    app = run(f"pages/{page}.py")
    edit(app, cell("x0", 0, 0, "70"))
    assert ran_the_part(app)  # what is ready-made is it no more
    app.run()
    edit(app, cell("x0", 0, 0, "80"))
    assert not ran_the_part(app) and 80 in values(app, "x0")
    edit(app, {"kind": "undo"})
    assert not ran_the_part(app)
    edit(app, {"kind": "undo"})
    assert ran_the_part(app)


def test_a_size_concerns_the_formulas_too() -> None:
    app = run("pages/convolution.py", x="2x2_1_2_3_4", w="1x1_5")
    edit(app, {"kind": "size", "plane": "x0", "rows": 4, "cols": 3})
    assert ran_the_part(app)
    assert any("H_{out}" in text and "{4}" in text for text in app.markdown.values)


def test_the_script_concerns_every_number_once_it_is_unfolded() -> None:
    app = run("pages/convolution.py", x="2x2_1_2_3_4", w="1x1_5")
    app.session_state["convolution_script"] = True
    app.run()
    edit(app, cell("x0", 0, 0, "7"))
    assert ran_the_part(app)


def test_an_answer_brings_the_rest_of_the_page() -> None:
    app = run("pages/convolution.py", task="cell-1-1")
    assert not any("H_{out}" in text for text in app.markdown.values)
    app.text_input[0].set_value("11")
    next(button for button in app.button if button.label == "Check").click().run()
    assert any("H_{out}" in text for text in app.markdown.values) and names(app.success[0].value, 11)
