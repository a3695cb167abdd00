"""What people write under the sections of a report; each comment makes an edition of it."""

from scheduler.core.problems import refuse
from scheduler.core.roles import Person, Right
from scheduler.core.wording import N_
from scheduler.reports.freezing import Comment
from scheduler.services.reach.wanting import Wanted
from scheduler.services.runtime import Runtime
from scheduler.store.reach.remarks import Remark, add_remark, remarks_of


def comment(runtime: Runtime, wanted: Wanted, *, section: str, text: str, by: Person) -> int:
    """Write under a section of a period's reports; the number of the edition that this makes."""
    by.require(Right.COMMENT)
    if not text.strip():
        raise refuse(N_("a comment needs a text"))
    now = runtime.clock.now()
    if now < wanted.frame.ends_at:
        raise refuse(N_("{period} is not over"), period=wanted.frame.period.name)
    with runtime.begin() as session:
        return add_remark(
            session, wanted.subject, section=section, text=text.strip(), member_id=by.id, now=now
        )


def comments_of(runtime: Runtime, wanted: Wanted, *, edition: int | None = None) -> tuple[Comment, ...]:
    """The comments of an edition, by default the latest; Refused for one that there is not."""
    with runtime.begin() as session:
        remarks = remarks_of(session, wanted.subject)
    latest = remarks[-1].edition if remarks else 1
    if edition is not None and not 1 <= edition <= latest:
        raise refuse(
            N_("{period} has no edition {edition}; the latest is {latest}"),
            period=wanted.frame.period.name,
            edition=edition,
            latest=latest,
        )
    return tuple(_comment(remark) for remark in remarks if remark.edition <= (edition or latest))


def _comment(remark: Remark) -> Comment:
    return Comment(
        edition=remark.edition,
        section=remark.section,
        text=remark.text,
        author=remark.author,
        written_at=remark.written_at,
    )
