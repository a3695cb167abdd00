"""Instants as people read them: in the zone of the audience and in their own."""

from datetime import datetime

from scheduler.core.time import zone


def clock_in(at: datetime, time_zone: str) -> str:
    """`2026-11-23 09:30 Cairo` for an aware instant and an IANA zone."""
    city = time_zone.rpartition("/")[2].replace("_", " ")
    return f"{at.astimezone(zone(time_zone)):%Y-%m-%d %H:%M} {city}"
