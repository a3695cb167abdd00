"""The words of the report by what they name; msgids, translated where they are shown."""

from scheduler.core.figures import Reason
from scheduler.core.periods import Kind
from scheduler.core.wording import N_
from scheduler.reports.dataset import Closing, Dimension, Section

TITLES = {
    Kind.WEEK: N_("Weekly reach report"),
    Kind.MONTH: N_("Monthly reach report"),
    Kind.YEAR: N_("Yearly reach report"),
    Kind.CAMPAIGN: N_("Campaign reach report"),
}
SECTIONS = {
    Section.OUTPUT: N_("Output"),
    Section.EXPOSURE: N_("Exposure"),
    Section.REACH: N_("Reach"),
    Section.RESPONSES: N_("Responses"),
    Section.AUDIENCE: N_("Audience"),
    Section.COVERAGE: N_("Coverage"),
}
COMMENTED: dict[str, str] = {
    **{section.value: name for section, name in SECTIONS.items()},
    "posts": N_("Posts"),
}
"""The sections that bear commentary: by the names that a comment gives them."""

DIMENSIONS = {
    Dimension.TOTAL: N_("Whole matrix"),
    Dimension.PLATFORM: N_("By platform"),
    Dimension.LANGUAGE: N_("By language"),
    Dimension.REGION: N_("By region"),
    Dimension.CAMPAIGN: N_("By campaign"),
    Dimension.CHANNEL: N_("By channel"),
    Dimension.MATRIX: N_("By platform and language"),
    Dimension.PLACE: N_("By platform, language and region"),
    Dimension.COUNTRY: N_("By country"),
}
UNNAMED = {Dimension.REGION: N_("no region"), Dimension.CAMPAIGN: N_("no campaign")}
MEASURES = {
    "posts": N_("Posts"),
    "posts_out": N_("Posts out"),
    "deliveries": N_("Due"),
    "publications": N_("Published"),
    "pending": N_("In progress"),
    "unconfirmed": N_("Unconfirmed"),
    "held": N_("Held"),
    "rejected": N_("Rejected"),
    "missed": N_("Missed"),
    "cancelled": N_("Cancelled"),
    "recalled": N_("Recalled"),
    "exposure": N_("Exposure"),
    "reach_floor": N_("Reach, at least"),
    "reach_ceiling": N_("Reach, at most"),
    "responses": N_("Responses"),
    "reactions": N_("Reactions"),
    "comments": N_("Comments"),
    "shares": N_("Shares"),
    "corrections": N_("Corrections"),
    "followers": N_("Followers"),
    "organic": N_("Organic"),
    "added": N_("Channels added"),
    "removed": N_("Channels removed"),
    "redefined": N_("Counted anew"),
    "countable": N_("Countable publications"),
    "read": N_("Read"),
    "failed": N_("Failed readings"),
    "audience_failed": N_("Failed follower readings"),
    "carried": N_("Read late"),
    "baselines": N_("First sights"),
}
REASONS = {
    Reason.NOT_READ: N_("not read"),
    Reason.NOT_GIVEN: N_("not given"),
    Reason.GONE: N_("account gone"),
    Reason.DEFINITION_CHANGED: N_("redefined"),
    Reason.BASE_INCOMPLETE: N_("base incomplete"),
    Reason.NOT_OVER: N_("not over yet"),
    Reason.NO_DEFINITION: N_("not reported"),
    Reason.NOTHING_TO_READ: N_("nothing to read"),
    Reason.NOT_ENTERED: N_("not entered"),
    Reason.TOO_OLD: N_("too old"),
}
EXPLANATIONS = {
    Reason.NOT_READ: N_("No reading succeeded in this period."),
    Reason.NOT_GIVEN: N_("The platform answered without this figure."),
    Reason.GONE: N_("The platform says that the account does not exist any more."),
    Reason.DEFINITION_CHANGED: N_("The platform changed what it counts: the two times do not compare."),
    Reason.BASE_INCOMPLETE: N_(
        "The books do not cover all of the earlier period: the two times do not compare."
    ),
    Reason.NOT_OVER: N_("The period still runs: what it has so far does not compare with a whole one."),
    Reason.NO_DEFINITION: N_("The platform has no such figure."),
    Reason.NOTHING_TO_READ: N_("Nothing was published or read here in this period."),
    Reason.NOT_ENTERED: N_("Only people can enter this figure, and nobody did."),
    Reason.TOO_OLD: N_("The last figure is too old to stand for this period."),
}
CLOSINGS = {
    Closing.PREVIEW: N_("Preview"),
    Closing.FLASH: N_("Flash"),
    Closing.FINAL: N_("Final"),
}
CLOSING_NOTES = {
    Closing.PREVIEW: N_("The period is still running; these figures are not kept."),
    Closing.FLASH: N_("First closing of the period. The final one follows 72 hours after its end."),
    Closing.FINAL: N_("Closed. These figures do not change any more."),
}
FAMILIES = {
    "exposure": N_("exposure"),
    "reaction": N_("reaction"),
    "comment": N_("comment"),
    "share": N_("share"),
    "audience": N_("audience"),
    "reach": N_("reach"),
    "save": N_("save"),
    "click": N_("click"),
    "engagement": N_("engagement"),
    "rate": N_("rate"),
    "duration": N_("duration"),
}
AXES = {
    "days": N_("days"),
    "posts": N_("posts"),
    "channels": N_("channels"),
    "platforms": N_("platforms"),
}
ADDITIONS = {
    "add": N_("added"),
    "same_definition": N_("added within one definition"),
    "side_by_side": N_("side by side"),
    "last_known": N_("last known"),
    "from_sums": N_("from sums"),
    "never": N_("never"),
}
CHECKS = {
    "run": N_("seen on a real server"),
    "spec": N_("from its specification"),
    "code": N_("from published code"),
    "unchecked": N_("not checked"),
}
RULES = (
    N_("Responses are reactions, comments and shares: the one set that means the same on every platform."),
    N_("A response counts in the period in which it was read, and is never spread over earlier ones."),
    N_("A counter that falls is kept as a correction; it does not lower the responses."),
    N_("Where nobody knows when a publication went live, its first reading is a baseline and adds nothing."),
    N_("A period is compared with an earlier one over the channels whose books cover all of that one."),
    N_("Followers are a level: the last one known. Their sum is a follower total, not a number of people."),
    N_("Reach counts people and is never added up, over days, posts, channels or platforms."),
    N_("Exposure figures of different platforms stand side by side; they are not added."),
    N_("A figure that is not reported is a gap, never 0. A sum over gaps says how many channels it covers."),
)
