"""Every relative link in the documentation leads to a file, and to a heading in it where it names one."""

from pathlib import Path

import pytest

from tests.docs.markdown import anchors, documents, links
from tests.house_rules.sources import HOME


def broken_links(document: Path) -> list[str]:
    return [
        link for link in links(document.read_text(encoding="utf-8")) if not leads_somewhere(document, link)
    ]


def leads_somewhere(document: Path, link: str) -> bool:
    if link.startswith(("https://", "http://", "mailto:")):
        return True
    path, _, anchor = link.partition("#")
    target = (document.parent / path).resolve() if path else document
    if not target.exists():
        return False
    return not anchor or anchor in anchors(target.read_text(encoding="utf-8"))


@pytest.mark.parametrize("document", documents(), ids=lambda path: path.relative_to(HOME).as_posix())
def test_links_lead_somewhere(document: Path) -> None:
    assert broken_links(document) == []


def test_a_dead_link_is_found(tmp_path: Path) -> None:
    (tmp_path / "other.md").write_text("# Other\n\n## 第一步：set up `it`\n")
    page = tmp_path / "page.md"
    page.write_text(
        "[a](other.md) [b](gone.md) [c](other.md#第一步set-up-it) [d](other.md#nothing) [e](#page)\n"
        '<img src="gone.svg"> `[f](code.md)` [![g](gone.png)](other.md)\n# Page\n'
        "```bash\n[h](code.md)\n```\n"
    )
    assert broken_links(page) == ["gone.md", "other.md#nothing", "gone.svg", "gone.png"]
