"""Instants as people read them: in the zone of the audience and in their own."""

from datetime import datetime

from scheduler.core.time import zone


def clock_in(at: datetime, time_zone: str, *, seconds: bool = False) -> str:
    """`2026-11-23 09:30 Cairo` for an aware instant and an IANA zone."""
    city = time_zone.rpartition("/")[2].replace("_", " ")
    there = at.astimezone(zone(time_zone))
    return f"{there:%Y-%m-%d %H:%M:%S} {city}" if seconds else f"{there:%Y-%m-%d %H:%M} {city}"
