import re
from pathlib import Path

import pytest
from docs.generate import REFERENCE, pages

from whence.notify.choose import channels

DOCS = Path(REFERENCE).parent


@pytest.mark.parametrize("name", [*pages()])
def test_a_page_of_the_reference_is_as_the_code_says(name: str) -> None:
    written = (REFERENCE / name).read_text()
    assert written == pages()[name], "run: make docs"


def test_the_first_page_names_each_task_once() -> None:
    named = re.findall(r"\]\((how-to/[^)]+)\)", (DOCS / "index.md").read_text())
    assert sorted(named) == sorted(f"how-to/{page.name}" for page in (DOCS / "how-to").glob("*.md"))


def test_every_channel_has_words_in_the_manual() -> None:
    page = (DOCS / "how-to" / "be-notified.md").read_text()
    assert all(scheme in page for channel in channels() for scheme in channel.schemes)
