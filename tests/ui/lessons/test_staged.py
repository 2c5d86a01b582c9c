"""An answer to an exercise brings what stands around the stage. What an edit runs besides the stage a browser alone can
tell: without one every run is of the whole page."""

from tests.helpers import names
from tests.test_pages import run


def test_an_answer_brings_the_rest_of_the_page() -> None:
    app = run("pages/convolution.py", task="cell-1-1")
    assert not any("H_{out}" in text for text in app.markdown.values)
    app.text_input[0].set_value("11")
    next(button for button in app.button if button.label == "Check").click().run()
    assert any("H_{out}" in text for text in app.markdown.values) and names(app.success[0].value, 11)
