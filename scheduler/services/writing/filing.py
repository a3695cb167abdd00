"""Posts put on file: rows for the post, its texts and images. Nothing here judges or commits."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from scheduler.core.drafts import Cut, Wording
from scheduler.core.roles import Person
from scheduler.services.runtime import Runtime
from scheduler.services.writing.assets import file_pictures, file_renditions
from scheduler.services.writing.finding import posts_by_ref
from scheduler.services.writing.preparing import Prepared
from scheduler.services.writing.scheduling import Filed, Scheduling
from scheduler.store.chunks import in_chunks
from scheduler.store.tables import (
    Approval,
    Asset,
    Campaign,
    Delivery,
    Organisation,
    Post,
    Variant,
    VariantMedia,
)


def file_posts(
    session: Session, runtime: Runtime, prepared: Sequence[Prepared], *, author: Person
) -> list[int]:
    """Store new and changed posts and return their ids; a changed one loses its approval.

    Refused when a delivery of a changed post began to be sent after it was judged.
    """
    now = runtime.clock.now()
    organisation = session.get_one(Organisation, runtime.organisation_id)
    known = posts_by_ref(session, organisation.id, [one.draft.ref for one in prepared])
    assets = _file_pictures(session, prepared, organisation.id, now)
    campaigns = _campaigns(session, {one.draft.campaign for one in prepared}, organisation.id, now)
    posts = []
    for one in prepared:
        post = known.get(one.draft.ref) or Post(organisation_id=organisation.id, created_at=now, revision=0)
        session.add(post)
        _write_post(post, one, author_id=author.id, campaign_id=campaigns.get(one.draft.campaign))
        _write_variants(session, post, one, assets)
        posts.append(post)
    session.flush()
    changed = [post.id for post in known.values()]
    _void_approvals(session, changed, now)
    scheduling = Scheduling(session=session, organisation=organisation, now=now)
    filed = [_filed(post, one) for post, one in zip(posts, prepared, strict=True)]
    scheduling.bring_in_line(filed, changed=changed)
    _drop_unused_texts(session, [one for one in filed if one.post.id in changed])
    return [post.id for post in posts]


def _file_pictures(
    session: Session, prepared: Sequence[Prepared], organisation_id: int, now: datetime
) -> dict[str, Asset]:
    renditions = {key: picture for one in prepared for key, picture in one.renditions.items()}
    originals = [picture for one in prepared for picture in one.pictures]
    assets = file_pictures(
        session, [*originals, *renditions.values()], organisation_id=organisation_id, now=now
    )
    file_renditions(session, renditions, assets)
    return assets


def _campaigns(
    session: Session, names: Collection[str], organisation_id: int, now: datetime
) -> dict[str, int]:
    """The id of each campaign by name, made where it is missing; no entry for the empty name."""
    query = select(Campaign).where(Campaign.organisation_id == organisation_id, Campaign.name.in_(names))
    known = {campaign.name: campaign for campaign in session.scalars(query)}
    for name in sorted({*names} - {*known, ""}):
        known[name] = Campaign(organisation_id=organisation_id, name=name, created_at=now)
        session.add(known[name])
    session.flush()
    return {name: campaign.id for name, campaign in known.items()}


def _write_post(post: Post, prepared: Prepared, *, author_id: int, campaign_id: int | None) -> None:
    """Whoever changes a post is its author from then on: nobody approves words of his own."""
    draft = prepared.draft
    post.author_id = author_id
    post.campaign_id = campaign_id
    post.ref = draft.ref
    post.link = draft.link
    post.wall_at = draft.wall_at
    post.zone = draft.zone
    post.fold = draft.fold
    post.lateness = draft.lateness
    post.ai_generated = draft.labels.ai_generated
    post.paid = draft.labels.paid
    post.affiliation = draft.labels.affiliation
    post.revision += 1
    post.source_hash = prepared.source_hash
    post.submitted_at = None


def _write_variants(session: Session, post: Post, prepared: Prepared, assets: Mapping[str, Asset]) -> None:
    variants = _variants(post)
    images = [assets[picture.sha256] for picture in prepared.pictures]
    for cut, wording in prepared.draft.wordings.items():
        variant = variants.get(cut)
        if variant is None:
            variant = Variant(language=cut.language, platform=cut.platform)
            post.variants.append(variant)
        variant.text = wording.text
        _write_media(session, variant, wording, images)


def _write_media(session: Session, variant: Variant, wording: Wording, images: Sequence[Asset]) -> None:
    """Positions are overwritten in place: two rows may not hold the same one, even for a moment."""
    for surplus in variant.media[len(images) :]:
        variant.media.remove(surplus)
        session.delete(surplus)
    for position, (asset, alt) in enumerate(zip(images, wording.alts, strict=True)):
        if position == len(variant.media):
            variant.media.append(VariantMedia(position=position))
        variant.media[position].asset = asset
        variant.media[position].alt = alt


def _filed(post: Post, prepared: Prepared) -> Filed:
    variants = {cut: variant.id for cut, variant in _variants(post).items()}
    return Filed(post=post, prepared=prepared, variants=variants)


def _variants(post: Post) -> dict[Cut, Variant]:
    return {Cut(variant.language, variant.platform): variant for variant in post.variants}


def _void_approvals(session: Session, post_ids: Collection[int], now: datetime) -> None:
    """Any edit voids the approval; the hashes go when the deliveries are rescheduled."""
    for chunk in in_chunks(post_ids):
        live = (Approval.post_id.in_(chunk), Approval.voided_at.is_(None))
        session.execute(update(Approval).where(*live).values(voided_at=now))


def _drop_unused_texts(session: Session, filed: Sequence[Filed]) -> None:
    """Remove the texts that a row no longer has, except where a cancelled delivery still shows them."""
    gone = [
        id_ for one in filed for cut, id_ in one.variants.items() if cut not in one.prepared.draft.wordings
    ]
    for chunk in in_chunks(gone):
        used = select(Delivery.variant_id).where(Delivery.variant_id.in_(chunk))
        session.execute(
            delete(VariantMedia).where(
                VariantMedia.variant_id.in_(chunk), VariantMedia.variant_id.not_in(used)
            )
        )
        session.execute(delete(Variant).where(Variant.id.in_(chunk), Variant.id.not_in(used)))
