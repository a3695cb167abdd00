"""The nouns of docs/nouns.md as tables. A row of `delivery` is the truth; every message is a hint."""

from scheduler.store.tables.centre import Campaign, Channel, Credential, Member, Organisation
from scheduler.store.tables.declaring import Table
from scheduler.store.tables.deliveries import (
    Allowance,
    Attempt,
    Decided,
    Delivery,
    Lease,
    Pause,
    Publication,
    Spending,
)
from scheduler.store.tables.goals import Goal, GoalFreeze, GoalTarget
from scheduler.store.tables.posts import Approval, Asset, Post, Rendition, Variant, VariantMedia
from scheduler.store.tables.readings import CountrySplit, HarvestRun, ManualReading, Reading, ReadingCost
from scheduler.store.tables.reports import (
    ReachReport,
    ReportComment,
    ReportMailing,
    ReportRecipient,
    ReportRestatement,
)

__all__ = [
    "Allowance",
    "Approval",
    "Asset",
    "Attempt",
    "Campaign",
    "Channel",
    "CountrySplit",
    "Credential",
    "Decided",
    "Delivery",
    "Goal",
    "GoalFreeze",
    "GoalTarget",
    "HarvestRun",
    "Lease",
    "ManualReading",
    "Member",
    "Organisation",
    "Pause",
    "Post",
    "Publication",
    "ReachReport",
    "Reading",
    "ReadingCost",
    "Rendition",
    "ReportComment",
    "ReportMailing",
    "ReportRecipient",
    "ReportRestatement",
    "Spending",
    "Table",
    "Variant",
    "VariantMedia",
]
