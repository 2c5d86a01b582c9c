"""What the tests read and do on a stage."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import Locator, Page, expect

from harness.pages import settle

OpenPage = Callable[..., Page]

PASTE = """(editor, text) => {
    const data = new DataTransfer();
    data.setData('text/plain', text);
    editor.dispatchEvent(new ClipboardEvent('paste', {clipboardData: data, bubbles: true, cancelable: true}));
}"""


@dataclass(frozen=True)
class Stage:
    """The one stage of a page."""

    page: Page

    def cell(self, plane: str, row: int, col: int) -> Locator:
        return self.page.locator(f'.cell[data-plane="{plane}"][data-row="{row}"][data-col="{col}"]')

    def value(self, plane: str, row: int, col: int) -> Locator:
        return self.cell(plane, row, col).locator(".value")

    def values(self, plane: str) -> list[str]:
        return self.page.locator(f'.cell[data-plane="{plane}"] .value').all_inner_texts()

    @property
    def arithmetic(self) -> Locator:
        return self.page.locator(".arithmetic")

    @property
    def warning(self) -> Locator:
        return self.page.get_by_test_id("stAlert")

    def type(self, plane: str, row: int, col: int, text: str, key: str = "Enter") -> None:
        """Click the cell, replace what is in it, leave it by `key`, and go back to the stage."""
        self.cell(plane, row, col).click()
        self.page.locator(".editor").fill(text)
        self.page.keyboard.press(key)
        settle(self.page)

    def paste(self, plane: str, row: int, col: int, text: str) -> None:
        self.cell(plane, row, col).click()
        self.page.locator(".editor").evaluate(PASTE, text)
        settle(self.page)

    def press(self, *keys: str) -> None:
        """Keys to the stage itself, not to a cell."""
        self.page.locator(".stage").focus()
        for key in keys:
            self.page.keyboard.press(key)

    def action(self, name: str) -> None:
        self.page.locator(f'.transport [data-action="{name}"]').click()

    def expect_output(self, plane: str, row: int, col: int, text: str) -> None:
        expect(self.value(plane, row, col)).to_have_text(text)


def open_stage(open_page: OpenPage, path: str, **options: object) -> Stage:
    """A page with its stage, paused."""
    stage = Stage(open_page(path, **options))
    expect(stage.page.locator(".stage .cell").first).to_be_visible()
    if stage.page.locator(".stage.playing").count():
        stage.action("play")
    return stage
