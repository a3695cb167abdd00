"""The tables in "Import channels and posts" are what the commands take."""

import re
from pathlib import Path

import pytest

from scheduler.core.lateness import TOLERANCES, Lateness
from scheduler.services.channels.enrolling import import_channels
from scheduler.services.desk.queue import Filter, list_deliveries
from scheduler.services.runtime import Runtime
from scheduler.services.writing.composing import import_posts
from tests.house_rules.sources import HOME
from tests.services.tables import ONE_DATABASE, admin

PAGES = sorted((HOME / "docs" / "how-to").glob("import-posts*.md"))


@ONE_DATABASE
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_tables_of_the_guide_can_be_imported(runtime: Runtime, tmp_path: Path, page: Path) -> None:
    tables = re.findall(r"^```csv\n(.*?)^```$", page.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
    for name, table in zip(("channels", "posts"), tables, strict=True):
        (tmp_path / f"{name}.csv").write_text(table, encoding="utf-8")
    import_channels(runtime, tmp_path / "channels.csv", by=admin(runtime))
    done = import_posts(runtime, tmp_path / "posts.csv", author=admin(runtime))
    assert done.added == ("museum-opens", "first-guest")
    languages = {(line.post, line.channel): line.language for line in list_deliveries(runtime, Filter())}
    assert languages == {
        ("museum-opens", "cairo-bsky"): "ar",
        ("museum-opens", "london-bsky"): "en",
        ("museum-opens", "mexico-mast"): "es-419",
        ("museum-opens", "taipei-tg"): "zh-Hant",
        ("first-guest", "cairo-bsky"): "ar",
        ("first-guest", "mexico-mast"): "es-419",
        ("first-guest", "taipei-tg"): "zh-Hant",
    }


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_tolerances_of_the_guide_are_the_planners(page: Path) -> None:
    rows = dict(
        re.findall(
            r"^\| `(\w+)` \| (\d+ \D+?\| \d+ \D+?) \|$", page.read_text(encoding="utf-8"), re.MULTILINE
        )
    )
    assert set(rows) == {*Lateness}
    for lateness, row in rows.items():
        told = [int(number) for number in re.findall(r"\d+", row)]
        tolerance = TOLERANCES[Lateness(lateness)]
        for number, span in zip(told, (tolerance.publish, tolerance.limit), strict=True):
            assert span.total_seconds() / number in (60, 3600, 86400)
