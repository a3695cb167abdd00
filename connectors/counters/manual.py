"""Counters that no interface gives: people enter them for screens, partner media and the printed press."""

from datetime import date
from functools import partial

from connectors.capabilities import Counters, Family, MetricDefinition, Source

PLATFORM = "manual"
OWN = Source(
    title="Postroad's own definition: docs/how-to/manual-readings.md",
    read_on=date(2026, 11, 22),
    checked="spec",
)

_count = partial(MetricDefinition, subject="channel", periods=("as entered",), sources=(OWN,))

COUNTERS = Counters(
    platform=PLATFORM,
    title="Manual readings",
    metrics=(
        _count(
            name="contacts_estimated",
            family=Family.EXPOSURE,
            exactness="estimate",
            note="contacts with a screen or poster as its operator estimates them, repeats included",
        ),
        _count(name="plays", family=Family.EXPOSURE, note="times a screen or broadcaster showed or aired it"),
        _count(
            name="copies_distributed",
            family=Family.EXPOSURE,
            note="printed copies that left for readers, less returns; not how many read them",
        ),
        _count(
            name="partner_views",
            family=Family.EXPOSURE,
            note="views as a partner medium counts them itself, whatever it calls a view",
        ),
        _count(
            name="audience_measured",
            family=Family.REACH,
            exactness="estimate",
            note="different people, as a measuring institute tells; never added",
        ),
        _count(name="visits", family=Family.ENGAGEMENT, note="people counted at the door, repeats included"),
        _count(
            name="responses_counted",
            family=Family.ENGAGEMENT,
            note="letters, calls, forms and messages that came in about it",
        ),
        _count(name="code_scans", family=Family.CLICK, note="scans of a printed or shown code"),
        _count(
            name="subscribers",
            family=Family.AUDIENCE,
            level=True,
            note="subscriptions that ran on the last day of the time",
        ),
    ),
    remarks=(
        "No interface is read: members enter them with their source, and reports call them manual.",
        "They are listed one by one and never added to what a platform's interface gives.",
        "Days are those of the place where it was counted.",
    ),
)
