"""From one post to its deliveries: who gets it, which text, and when."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.contract import Labels
from scheduler.core.drafts import Cut, Draft, Wording
from scheduler.core.fanout import assign, choose_cut, read_slots, select_places, unspoken
from scheduler.core.lateness import Lateness
from scheduler.core.places import Place
from scheduler.core.problems import Problem


def place(name: str, platform: str, language: str, region: str = "GB", zone: str = "Europe/London") -> Place:
    return Place(
        id=sum(map(ord, name)),
        channel=name,
        platform=platform,
        language=language,
        region=region,
        time_zone=zone,
        account=f"{platform}:{name}",
        sets=("launch",) if name.endswith("-1") else (),
    )


CAIRO = place("cairo-1", "bluesky", "ar", "EG", "Africa/Cairo")
LONDON = place("london", "bluesky", "en-GB")
PARIS = place("paris-1", "mastodon", "fr", "FR", "Europe/Paris")
TAIPEI = place("taipei", "telegram", "zh-TW", "TW", "Asia/Taipei")
MATRIX = [CAIRO, LONDON, PARIS, TAIPEI]

DRAFT = Draft(
    row=7,
    ref="museum",
    campaign="",
    wall_at=datetime(2026, 12, 1, 9, 30),  # noqa: DTZ001 - wall time
    zone="audience",
    fold=None,
    lateness=Lateness.NORMAL,
    selectors=("*",),
    link=None,
    labels=Labels(),
    media=(),
    wordings={Cut(tag): Wording(text=tag) for tag in ("ar", "en", "fr", "zh-Hant")},
)


def told(problems: list[Problem]) -> list[tuple[str | None, str]]:
    return [(problem.column, problem.message.format(**problem.params)) for problem in problems]


@pytest.mark.parametrize(
    ("selector", "chosen"),
    [
        ("*", [CAIRO, LONDON, PARIS, TAIPEI]),
        ("london", [LONDON]),
        ("lang:ar", [CAIRO]),
        ("lang:zh", [TAIPEI]),
        ("LANG:en", [LONDON]),
        ("platform:Bluesky", [CAIRO, LONDON]),
        ("region:fr", [PARIS]),
        ("set:launch", [CAIRO, PARIS]),
        ("set: launch", [CAIRO, PARIS]),
    ],
)
def test_a_selector_means_these_channels(selector: str, chosen: list[Place]) -> None:
    assert select_places([selector], MATRIX) == (chosen, [])


def test_channels_meant_twice_get_the_post_once() -> None:
    assert select_places(["paris-1", "set:launch", "*"], MATRIX) == (MATRIX, [])


@pytest.mark.parametrize(
    ("selector", "words"),
    [
        ("londn", "did you mean “london”"),
        ("set:lunch", "did you mean “set:launch”"),
        ("lang:sw", "selects no channel"),
        ("lang:klingon", "no language “klingon”"),
        ("platform:weibo", "selects no channel"),
        ("land:ar", "unknown selector"),
        ("", "selects no channel"),
    ],
)
def test_a_selector_of_nothing_is_a_problem(selector: str, words: str) -> None:
    chosen, problems = select_places([selector], MATRIX)
    assert chosen == []
    assert [(column, words in text) for column, text in told(problems)] == [("channels", True)]


def test_a_channel_gets_the_closest_text_and_then_the_cut_for_its_platform() -> None:
    cuts = [Cut("en"), Cut("en", "bluesky"), Cut("en", "mastodon"), Cut("fr")]
    assert choose_cut(cuts, LONDON) == Cut("en", "bluesky")
    assert choose_cut([*cuts, Cut("en-GB")], LONDON) == Cut("en-GB")
    assert choose_cut([*cuts, Cut("en-GB"), Cut("en-GB", "bluesky")], LONDON) == Cut("en-GB", "bluesky")
    assert choose_cut([Cut("en", "mastodon")], LONDON) is None


def test_simplified_characters_never_reach_a_traditional_channel() -> None:
    assert choose_cut([Cut("zh"), Cut("zh-Hans"), Cut("zh-CN")], TAIPEI) is None
    assert choose_cut([Cut("zh"), Cut("zh-Hant")], TAIPEI) == Cut("zh-Hant")


def test_every_targeted_channel_has_its_text() -> None:
    assignments, problems = assign(DRAFT, MATRIX)
    assert problems == []
    assert {one.place.channel: one.cut.language for one in assignments} == {
        "cairo-1": "ar",
        "london": "en",
        "paris-1": "fr",
        "taipei": "zh-Hant",
    }


def test_a_channel_without_a_text_is_named_with_its_language() -> None:
    wordings = {cut: said for cut, said in DRAFT.wordings.items() if cut.language != "ar"}
    assignments, problems = assign(replace(DRAFT, wordings=wordings), MATRIX)
    assert len(assignments) == 3
    assert told(problems) == [("text.ar", "no text for channel cairo-1: it speaks ar")]


def test_a_text_that_nobody_takes_is_said() -> None:
    assignments, problems = assign(replace(DRAFT, selectors=("lang:ar",)), MATRIX)
    assert [one.place for one in assignments] == [CAIRO]
    assert {(problem.column, problem.advice) for problem in problems} == {
        ("text.en", True),
        ("text.fr", True),
        ("text.zh-Hant", True),
    }


def test_a_language_of_no_channel_is_found() -> None:
    cuts = [Cut("ar"), Cut("sw"), Cut("ar", "telegram"), Cut("zh-Hans")]
    assert unspoken(cuts, MATRIX) == cuts[1:]


def test_the_audience_zone_is_each_channels_own() -> None:
    slots, problems = read_slots(DRAFT, MATRIX)
    assert problems == []
    assert slots[CAIRO.id].due_at == datetime(2026, 12, 1, 7, 30, tzinfo=UTC)
    assert slots[TAIPEI.id].due_at == datetime(2026, 12, 1, 1, 30, tzinfo=UTC)
    slots, _ = read_slots(replace(DRAFT, zone="Asia/Shanghai"), MATRIX)
    assert {slot.due_at for slot in slots.values()} == {datetime(2026, 12, 1, 1, 30, tzinfo=UTC)}
    assert {slot.zone for slot in slots.values()} == {"Asia/Shanghai"}


def test_a_gap_in_one_audience_is_told_with_its_neighbours_and_spares_the_others() -> None:
    spring = replace(DRAFT, wall_at=datetime(2027, 3, 28, 1, 30))  # noqa: DTZ001 - wall time
    slots, problems = read_slots(spring, MATRIX)
    assert set(slots) == {CAIRO.id, PARIS.id, TAIPEI.id}
    ((column, words),) = told(problems)
    assert column == "at"
    assert "Europe/London" in words
    assert "2027-03-28 00:59" in words
    assert "2027-03-28 02:00" in words


def test_a_fold_is_asked_about_and_the_answer_is_kept() -> None:
    autumn = replace(DRAFT, wall_at=datetime(2026, 10, 25, 1, 30))  # noqa: DTZ001 - wall time
    _, problems = read_slots(autumn, MATRIX)
    assert "happens twice in Europe/London" in told(problems)[0][1]
    slots, problems = read_slots(replace(autumn, fold=1), MATRIX)
    assert problems == []
    assert slots[LONDON.id].due_at == datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
    assert (slots[LONDON.id].fold, slots[CAIRO.id].fold) == (1, None)


@given(
    selectors=st.lists(
        st.sampled_from(["*", "london", "lang:ar", "set:launch", "platform:mastodon", "nope"])
    ),
    languages=st.sets(st.sampled_from(["ar", "en", "fr", "zh", "zh-Hant", "sw"]), min_size=1),
)
def test_no_targeted_channel_is_ever_left_out_silently(selectors: list[str], languages: set[str]) -> None:
    wordings = {Cut(language): Wording(text="x") for language in languages}
    draft = replace(DRAFT, selectors=tuple(selectors), wordings=wordings)
    targeted, _ = select_places(selectors, MATRIX)
    assignments, problems = assign(draft, MATRIX)
    named = {problem.params.get("channel") for problem in problems}
    assert {one.place.channel for one in assignments} | named >= {one.channel for one in targeted}
    assert {one.place.id for one in assignments} <= {one.id for one in targeted}
