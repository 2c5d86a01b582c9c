"""README and docs: short where a newcomer begins, links that lead somewhere, prose within the columns of the code."""

import re
from pathlib import Path

import pytest

from cnnviz.lessons import LESSONS
from tests.helpers import ROOT

README = ROOT / "README.md"
PAGES = sorted((ROOT / "docs").glob("*.md"))
GENERATED = "bench-"  # by `python -m bench.* --write`
ALL = [README, ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", *PAGES]
BY_HAND = [page for page in ALL if GENERATED not in page.name]
MAX_WORDS, MAX_COLUMNS = 600, 120


def text_of(page: Path) -> str:
    """What a page says, without the card of a Space before it."""
    text = page.read_text(encoding="utf-8")
    return text.split("---\n", 2)[2] if text.startswith("---\n") else text


def anchors(page: Path) -> set[str]:
    """The headings of a page as links name them."""
    headings = re.findall(r"^#+ (.+)$", text_of(page), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-") for heading in headings}


def test_the_readme_has_the_words_that_a_newcomer_needs() -> None:
    without_pictures = re.sub(r"!\[[^\]]*\]\([^)]*\)", "", text_of(README))
    words = re.findall(r"\w[\w./'-]*", re.sub(r"\]\([^)]*\)", "", without_pictures))
    assert len(words) <= MAX_WORDS
    assert {lesson.title for lesson in LESSONS} <= set(re.findall(r"^\| ([^|]+) \|", text_of(README), re.MULTILINE))


def test_every_page_of_the_docs_is_found_from_the_readme() -> None:
    found, new = {README}, {README}
    while new:
        linked = {
            (page.parent / link).resolve() for page in new for link in re.findall(r"\]\(([^)#:]+\.md)", text_of(page))
        }
        new = {page for page in linked if page.is_file()} - found
        found |= new
    assert {page.name for page in PAGES} <= {page.name for page in found}


@pytest.mark.parametrize("page", ALL, ids=lambda page: page.name)
def test_every_link_leads_somewhere(page: Path) -> None:
    for link in re.findall(r"\]\(([^)\s]+)\)", text_of(page)):
        if "://" in link:
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), link
        assert not anchor or anchor in anchors(target), link


@pytest.mark.parametrize("page", BY_HAND, ids=lambda page: page.name)
def test_prose_keeps_within_the_columns(page: Path) -> None:
    lines = [line for line in text_of(page).splitlines() if not line.startswith("|")]
    assert [line for line in lines if len(line) > MAX_COLUMNS] == []
