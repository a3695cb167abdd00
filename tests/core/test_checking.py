"""What each platform would refuse, told before anything is sent."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from connectors.bluesky.connector import Bluesky
from connectors.capabilities import Feature, Support
from connectors.contract import Connector, Labels, MediaFile, Outgoing
from scheduler.core.checking import Sending, check_sendings, check_times, not_connected
from scheduler.core.lateness import TOLERANCES, Lateness
from scheduler.core.places import Place
from scheduler.core.problems import Problem

NOW = datetime(2026, 11, 16, 8, tzinfo=UTC)
SECOND = timedelta(seconds=1)
NO_LABELS = Labels()
PICTURE = MediaFile(name="a.jpg", mime_type="image/jpeg", content=b"", alt="", width=1, height=1)


def place(name: str, *, connected: bool = False) -> Place:
    return Place(
        id=len(name),
        channel=name,
        platform="bluesky",
        language="en",
        region="GB",
        time_zone="UTC",
        account=name,
        connected=connected,
    )


def sending(name: str, text: str = "Hello", *, labels: Labels = NO_LABELS, images: int = 0) -> Sending:
    outgoing = Outgoing(text=text, language="en", media=(PICTURE,) * images)
    return Sending(place=place(name), outgoing=outgoing, labels=labels, column="text.en")


def platform(**changes: Any) -> dict[str, Connector]:
    """Bluesky with another sheet of capabilities."""
    connector = Bluesky()
    connector.capabilities = replace(connector.capabilities, **changes)
    return {"bluesky": connector}


def told(problems: Iterable[Problem]) -> list[tuple[str | None, str, bool]]:
    return [
        (problem.column, problem.message.format(**problem.params), problem.advice) for problem in problems
    ]


def test_what_fits_is_no_problem() -> None:
    assert check_sendings([sending("a"), sending("b")], platform(same_text="allow")) == []


def test_one_text_too_long_for_several_channels_is_one_problem() -> None:
    problems = check_sendings([sending("a", "x" * 301), sending("b", "x" * 301), sending("c")], platform())
    assert told(problems) == [("text.en", "too long for a, b: 301 graphemes, 300 are allowed", False)]


@pytest.mark.parametrize(
    ("rule", "words", "advice"),
    [
        ("warn", "Bluesky may take the same text from several accounts for spam: a, b", True),
        ("block", "Bluesky does not allow the same text from several accounts: a, b", False),
    ],
)
def test_the_same_text_from_two_accounts_is_told_as_the_platform_takes_it(
    rule: str, words: str, advice: bool
) -> None:
    sendings = [sending("a"), sending("b"), sending("c", "Something else")]
    assert told(check_sendings(sendings, platform(same_text=rule))) == [("text.en", words, advice)]


def test_too_many_images_are_told_with_the_limit() -> None:
    assert told(check_sendings([sending("a", images=5)], platform())) == [
        ("media", "5 images, Bluesky takes 4 (for a)", False)
    ]
    assert check_sendings([sending("a", images=4)], platform()) == []


def test_a_platform_without_images_takes_none() -> None:
    features = {**Bluesky.capabilities.features, "images": Feature(Support.NOT_IMPLEMENTED)}
    assert told(check_sendings([sending("a", images=1)], platform(features=features)))[0][0] == "media"


def test_a_label_without_a_field_belongs_in_the_text() -> None:
    labels = Labels(ai_generated=True, affiliation="City of Cairo")
    problems = told(check_sendings([sending("a", labels=labels), sending("b", labels=labels)], platform()))
    assert [(column, advice) for column, _, advice in problems] == [("labels", True), ("labels", True)]
    assert problems[0][1] == "there is no AI label on a, b: say so in the text"
    full = Feature(Support.FULL)
    supported = {**Bluesky.capabilities.features, "ai_label": full, "paid_label": full}
    assert check_sendings([sending("a", labels=labels)], platform(features=supported)) == []


@pytest.mark.parametrize("lateness", Lateness)
def test_a_past_time_is_judged_as_the_planner_will(lateness: Lateness) -> None:
    tolerance = TOLERANCES[lateness]

    def judged(late: timedelta) -> list[bool]:
        return [
            problem.advice for problem in check_times([(place("a"), NOW - late)], lateness=lateness, now=NOW)
        ]

    assert judged(-SECOND) == []
    assert judged(tolerance.publish) == [True]
    assert judged(tolerance.limit) == [True]
    assert judged(tolerance.limit + SECOND) == [False]


def test_a_channel_that_is_not_connected_is_told_once() -> None:
    places = [place("b"), place("a"), place("b"), place("c", connected=True)]
    assert [problem.params["channel"] for problem in not_connected(places, advice=True)] == ["a", "b"]
