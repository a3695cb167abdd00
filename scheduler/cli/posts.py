"""`postroad import` and `postroad posts`: from a table to approved posts."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import typer
from rich.progress import track

from scheduler.cli.acting import AS, acting_member
from scheduler.cli.app import app, runtime_of, settings_of
from scheduler.cli.console import JSON, show_json, show_line, show_table
from scheduler.cli.forecast import show_crowds
from scheduler.cli.moments import clock_in
from scheduler.cli.problems import show_problems
from scheduler.cli.states import state_word, status_word
from scheduler.cli.terminal import err
from scheduler.cli.wording import _
from scheduler.core.drafts import Draft
from scheduler.core.status import Status
from scheduler.i18n import say
from scheduler.services.delivery.forecasting import forecast
from scheduler.services.desk.posts import ApprovalLine, PostDetail, PostLine, list_posts, show_post
from scheduler.services.desk.queue import DeliveryLine
from scheduler.services.members import find_member
from scheduler.services.writing import reviewing
from scheduler.services.writing.composing import ImportedPosts, import_posts

posts = typer.Typer(no_args_is_help=True)
app.add_typer(posts, name="posts")

POSTS = typer.Argument(metavar="POST…", help=_("names of posts"))


@app.command("import")
def import_(
    ctx: typer.Context,
    path: Path = typer.Argument(
        metavar="TABLE", help=_("a CSV or XLSX file: post, at, zone, channels, text.en, …")
    ),
    dry_run: bool = typer.Option(False, "--dry-run", help=_("check everything, store nothing")),
    approve_as: str | None = typer.Option(
        None, "--approve-as", metavar="NAME", help=_("submit, and approve as this member")
    ),
    acting: str | None = AS,
    as_json: bool = JSON,
) -> None:
    """Every problem of every row is told; the same table twice adds nothing."""
    runtime = runtime_of(ctx)
    done = import_posts(
        runtime,
        path,
        author=acting_member(ctx, runtime, acting),
        approver=find_member(runtime, approve_as) if approve_as else None,
        dry_run=dry_run,
        track=_with_progress,
    )
    crowds = forecast(runtime, posts=done.added + done.changed + done.approved) if done.stored else []
    if as_json:
        show_json({**_as_json(done), "crowds": crowds})
        return
    show_problems(done.advice)
    _show_import(done)
    show_crowds(crowds, settings_of(ctx).time_zone)


@posts.command("list", help=_("List the posts and where each one stands."))
def list_(
    ctx: typer.Context,
    campaign: str | None = typer.Option(None, help=_("only those of this campaign")),
    status: Status | None = typer.Option(None, help=_("only those in this status")),
    as_json: bool = JSON,
) -> None:
    """Earliest first."""
    found = list_posts(runtime_of(ctx), campaign=campaign, status=status)
    if as_json:
        show_json(found)
        return
    if not found:
        show_line(
            _("There are no such posts.")
            if campaign or status
            else _("There are no posts yet: postroad import.")
        )
        return
    columns = (_("post"), _("campaign"), _("time"), _("languages"), _("author"), _("status"), _("deliveries"))
    show_table(columns, [_row(line) for line in found])


@posts.command("show", help=_("Show a post with its texts, deliveries and approvals."))
def show(
    ctx: typer.Context,
    post: str = typer.Argument(metavar="POST", help=_("its name in postroad posts list")),
    as_json: bool = JSON,
) -> None:
    """Everything about one post."""
    found = show_post(runtime_of(ctx), post)
    if as_json:
        show_json(found)
        return
    _show_detail(found, settings_of(ctx).time_zone)


@posts.command("submit", help=_("Hand posts over for review."))
def submit(ctx: typer.Context, names: list[str] = POSTS, acting: str | None = AS) -> None:
    """Those that are submitted already stay so."""
    runtime = runtime_of(ctx)
    done = reviewing.submit(runtime, names, by=acting_member(ctx, runtime, acting))
    _show_done(_("Submitted: {posts}"), _("Submitted before: {posts}"), names, done)


@posts.command("approve", help=_("Approve posts exactly as each channel will receive them."))
def approve(ctx: typer.Context, names: list[str] = POSTS, acting: str | None = AS) -> None:
    """All of them, or none with every reason."""
    runtime = runtime_of(ctx)
    done = reviewing.approve(runtime, names, by=acting_member(ctx, runtime, acting))
    _show_done(_("Approved: {posts}"), _("Approved before: {posts}"), names, done)
    show_crowds(forecast(runtime, posts=done), settings_of(ctx).time_zone)


def _show_done(now: str, before: str, names: Sequence[str], done: Sequence[str]) -> None:
    """Which of the posts it was done to now, and which had it already."""
    for said, posts in ((now, done), (before, [name for name in dict.fromkeys(names) if name not in done])):
        if posts:
            show_line(said.format(posts=", ".join(posts)))


def _with_progress(drafts: Sequence[Draft]) -> Iterable[Draft]:
    """The rows, with a bar on standard error when that is a terminal."""
    return track(drafts, description=_("checking"), console=err, transient=True, disable=not err.is_terminal)


def _as_json(done: ImportedPosts) -> dict[str, object]:
    return {
        "added": done.added,
        "changed": done.changed,
        "unchanged": done.unchanged,
        "approved": done.approved,
        "deliveries": done.deliveries,
        "stored": done.stored,
        "advice": [say(problem, _) for problem in done.advice],
    }


def _show_import(done: ImportedPosts) -> None:
    said = _("Posts: {added} added, {changed} changed, {unchanged} unchanged; {deliveries} deliveries")
    show_line(
        said.format(
            added=len(done.added),
            changed=len(done.changed),
            unchanged=len(done.unchanged),
            deliveries=done.deliveries,
        )
    )
    if not done.added + done.changed + done.unchanged:
        show_line(_("The table has no rows under its headings."))
    elif not done.stored:
        show_line(_("All is well. Nothing was stored: this was a dry run."))
    elif done.approved:
        show_line(_("Approved posts: {count}").format(count=len(done.approved)))
    elif done.added or done.changed:
        show_line(_("Nothing is published before somebody approves it: postroad posts submit, then approve."))


def _row(line: PostLine) -> tuple[str, ...]:
    counts = ", ".join(f"{state_word(state)} {count}" for state, count in sorted(line.states.items()))
    return (
        line.post,
        line.campaign,
        _wall(line),
        ", ".join(line.languages),
        line.author,
        status_word(line.status),
        counts,
    )


def _wall(line: PostLine) -> str:
    zone = _("audience") if line.zone == "audience" else line.zone
    return f"{line.wall_at:%Y-%m-%d %H:%M} {zone}"


def _show_detail(found: PostDetail, viewer_zone: str) -> None:
    line = found.line
    show_line(f"{line.post}  {status_word(line.status)}  {_wall(line)}  {line.campaign}")
    if found.link:
        show_line(found.link)
    texts = [(text.language, text.platform, text.text, "\n".join(text.alts)) for text in found.texts]
    show_table([_("language"), _("platform"), _("text"), _("alt text")], texts)
    columns = [_("delivery"), _("channel"), _("state"), _("due there"), _("due here")]
    show_table(columns, [_delivery_row(one, viewer_zone) for one in found.deliveries])
    for approval in found.approvals:
        show_line(_approval(approval, viewer_zone))


def _delivery_row(one: DeliveryLine, viewer_zone: str) -> tuple[object, ...]:
    there, here = clock_in(one.due_at, one.time_zone), clock_in(one.due_at, viewer_zone)
    return one.id, one.channel, state_word(one.state), there, here


def _approval(approval: ApprovalLine, viewer_zone: str) -> str:
    valid = _("Approved by {member}, {at}")
    void = _("Approved by {member}, {at}; void since an edit")
    said = valid if approval.voided_at is None else void
    return said.format(member=approval.member, at=clock_in(approval.approved_at, viewer_zone))
