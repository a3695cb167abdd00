"""Posts from a table: every row is judged whole, then all are stored in one transaction, or none is."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy.orm import Session

from scheduler.core.checking import not_connected
from scheduler.core.drafts import Draft
from scheduler.core.fanout import unspoken
from scheduler.core.headings import HEADING_ROW, in_order, without_missing
from scheduler.core.places import Place
from scheduler.core.post_rows import Columns, read_columns, read_draft
from scheduler.core.problems import Problem, Refused
from scheduler.core.roles import Person, Right
from scheduler.core.states import State
from scheduler.core.wording import N_
from scheduler.services.channels.matrix import places
from scheduler.services.evidence.deciding import deciding
from scheduler.services.runtime import Runtime
from scheduler.services.spreadsheets import Sheet, read_sheet
from scheduler.services.writing.filing import file_posts
from scheduler.services.writing.finding import KnownPost, known_posts
from scheduler.services.writing.pictures import Pictures
from scheduler.services.writing.preparing import Bench, Prepared, prepare, source_hash
from scheduler.services.writing.reviewing import approve_posts, find_posts
from scheduler.services.writing.scheduling import RECALLED, recalled, settled
from scheduler.store.evidence import forgotten
from scheduler.store.turns import take_turn
from scheduler.store.unit_of_work import anew

Track = Callable[[Sequence[Draft]], Iterable[Draft]]

SAME_NAME = N_("the same name as in row {other}")
UNSPOKEN = N_("no channel speaks this language: nobody would get this text")
WENT = N_(
    "the journal says that this post was sent to {channel}, or recalled there, and the database lost it: "
    "{when}. Leave out {channel}; to send it once more all the same, make it another post with a new name"
)
OVERTAKEN = N_("post {post} was stored by somebody else at this moment: see it, then import again")
SETTLED = N_("the row changed, but it is too late for {channels}: make it another post with a new name")


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedPosts:
    """What an import did, or would do: names of posts, the number of deliveries written, and advice."""

    added: tuple[str, ...]
    changed: tuple[str, ...]
    unchanged: tuple[str, ...]
    approved: tuple[str, ...]
    deliveries: int
    stored: bool
    advice: tuple[Problem, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A table after judgement: what is to be stored, which posts we had, and all that was found."""

    prepared: tuple[Prepared, ...]
    known: Mapping[str, KnownPost]
    unchanged: tuple[str, ...]
    problems: tuple[Problem, ...]


def import_posts(
    runtime: Runtime,
    path: Path,
    *,
    author: Person,
    approver: Person | None = None,
    dry_run: bool = False,
    track: Track = iter,
) -> ImportedPosts:
    """Store the posts of a table; Refused with all problems of all rows, and nothing stored, if any is wrong.

    With an `approver` they are submitted and approved in the same transaction. `track` shows progress.
    """
    author.require(Right.WRITE)
    if approver:
        approver.require(Right.APPROVE)
    with TemporaryDirectory(prefix="postroad-") as spool:
        pictures = Pictures(path.parent, spool=Path(spool))
        judged = _judge(runtime, read_sheet(path), pictures, track)
        if any(not problem.advice for problem in judged.problems):
            raise Refused(judged.problems)
        if dry_run:
            return _summary(judged, stored=False)
        _keep(judged, pictures, runtime)
    return _summary(judged, stored=True, approved=_file(runtime, judged, author, approver))


def _judge(runtime: Runtime, sheet: Sheet, pictures: Pictures, track: Track) -> Judged:
    columns, problems = read_columns(sheet.headings)
    drafts, faults = _read(sheet, columns)
    faulty = _faulty(faults)
    problems += faults
    with runtime.begin() as session:
        matrix = places(session, runtime.organisation_id)
        known = known_posts(session, runtime.organisation_id, [draft.ref for draft in drafts])
    bench = Bench(matrix=matrix, connectors=runtime.connectors, pictures=pictures, now=runtime.clock.now())
    problems += _unspoken(drafts, matrix)
    prepared, unchanged = [], []
    for draft in track(drafts):
        if draft.ref in known and known[draft.ref].source_hash == source_hash(draft, pictures):
            unchanged.append(draft.ref)
            continue
        one, found = prepare(draft, bench, faulty=faulty.get(draft.row, set()))
        prepared.append(one)
        problems += found
    problems += _too_late_to_change(runtime, prepared, known, matrix)
    problems += _forgotten(runtime, prepared)
    problems += not_connected((a.place for one in prepared for a in one.assignments), advice=True)
    return Judged(
        prepared=tuple(prepared),
        known=known,
        unchanged=tuple(unchanged),
        problems=tuple(in_order(without_missing(problems, columns.missing))),
    )


def _read(sheet: Sheet, columns: Columns) -> tuple[list[Draft], list[Problem]]:
    drafts, problems = [], list(sheet.problems)
    for row in sheet.rows:
        draft, faults = read_draft(row.number, row.cells, columns)
        drafts.append(draft)
        problems += faults
    return drafts, problems + _same_names(drafts)


def _same_names(drafts: Iterable[Draft]) -> list[Problem]:
    first: dict[str, int] = {}
    return [
        Problem(message=SAME_NAME, params={"other": first[draft.ref]}, row=draft.row, column="post")
        for draft in drafts
        if draft.ref and first.setdefault(draft.ref, draft.row) != draft.row
    ]


def _faulty(problems: Iterable[Problem]) -> dict[int, set[str]]:
    """The columns of each row that are known to be wrong."""
    faulty: dict[int, set[str]] = {}
    for problem in problems:
        if problem.row and problem.column:
            faulty.setdefault(problem.row, set()).add(problem.column)
    return faulty


def _unspoken(drafts: Sequence[Draft], matrix: Sequence[Place]) -> list[Problem]:
    """The text columns that are used although no channel could ever get their texts."""
    used = dict.fromkeys(cut for draft in drafts for cut in draft.wordings)
    return [
        Problem(message=UNSPOKEN, row=HEADING_ROW, column=cut.column)
        for cut in (unspoken(used, matrix) if matrix else [])
    ]


def _too_late_to_change(
    runtime: Runtime, prepared: Iterable[Prepared], known: Mapping[str, KnownPost], matrix: Iterable[Place]
) -> list[Problem]:
    """Changed rows of posts that were recalled, or of which something was sent or closed already."""
    changed = {known[one.draft.ref].id: one for one in prepared if one.draft.ref in known}
    names = {place.id: place.channel for place in matrix}
    late: dict[int, list[str]] = {}
    with runtime.begin() as session:
        gone = recalled(session, changed)
        for (post_id, channel_id), state in settled(session, changed.keys() - gone).items():
            meant = {assignment.place.id for assignment in changed[post_id].assignments}
            if state is not State.CANCELLED or channel_id in meant:
                late.setdefault(post_id, []).append(names[channel_id])
    said = {post_id: (RECALLED, {"post": changed[post_id].draft.ref}) for post_id in gone}
    said |= {post_id: (SETTLED, {"channels": ", ".join(sorted(late[post_id]))}) for post_id in late}
    return [
        Problem(message=message, params=params, row=changed[post_id].draft.row, column="post")
        for post_id, (message, params) in said.items()
    ]


def _forgotten(runtime: Runtime, prepared: Sequence[Prepared]) -> list[Problem]:
    """What would go out twice: it went, and a backup without it was put back since."""
    rows = {one.draft.ref: one.draft.row for one in prepared}
    with runtime.begin() as session:
        meant = {(one.draft.ref, each.place.channel) for one in prepared for each in one.assignments}
        went = forgotten.went(session, meant)
    return [
        Problem(
            message=WENT,
            params={"channel": one.channel, "when": f"{one.at:%Y-%m-%d %H:%M} UTC {one.url}".rstrip()},
            row=rows[one.post],
            column="channels",
        )
        for one in went
    ]


def _keep(judged: Judged, pictures: Pictures, runtime: Runtime) -> None:
    """Put the images where they stay; a file without a row harms nobody, a row without its file would."""
    for one in judged.prepared:
        for picture in (*one.pictures, *one.renditions.values()):
            pictures.keep(picture, runtime.media)


@anew
def _file(runtime: Runtime, judged: Judged, author: Person, approver: Person | None) -> list[str]:
    """Store what was judged, one import at a time; the names of the posts that were approved by it."""
    with deciding(runtime, "import") as session:
        take_turn(session, runtime.organisation_id)
        _require_as_judged(session, runtime, judged)
        file_posts(session, runtime, judged.prepared, author=author)
        return _approve(session, runtime, judged, approver) if approver else []


def _require_as_judged(session: Session, runtime: Runtime, judged: Judged) -> None:
    """Refused where somebody stored or changed one of these posts since."""
    refs = _refs(judged)
    stored = known_posts(session, runtime.organisation_id, refs)
    overtaken = [ref for ref in refs if stored.get(ref) != judged.known.get(ref)]
    if overtaken:
        raise Refused([Problem(message=OVERTAKEN, params={"post": ref}) for ref in overtaken])


def _refs(judged: Judged) -> list[str]:
    """The names of all posts of the table."""
    return [*(one.draft.ref for one in judged.prepared), *judged.unchanged]


def _approve(session: Session, runtime: Runtime, judged: Judged, approver: Person) -> list[str]:
    """Submit and approve every post of the table that is not approved yet."""
    posts = find_posts(session, runtime, _refs(judged))
    for post in posts:
        post.submitted_at = post.submitted_at or runtime.clock.now()
    return approve_posts(session, runtime, posts, by=approver)


def _summary(judged: Judged, *, stored: bool, approved: Iterable[str] = ()) -> ImportedPosts:
    refs = [one.draft.ref for one in judged.prepared]
    return ImportedPosts(
        added=tuple(ref for ref in refs if ref not in judged.known),
        changed=tuple(ref for ref in refs if ref in judged.known),
        unchanged=judged.unchanged,
        approved=tuple(approved),
        deliveries=sum(len(one.assignments) for one in judged.prepared),
        stored=stored,
        advice=tuple(problem for problem in judged.problems if problem.advice),
    )
