"""Which deliveries must not be sent now because somebody paused their scope (rule 12)."""

from sqlalchemy import ColumnElement, and_, exists, or_, select

from scheduler.store.tables import Channel, Delivery, Pause, Post


def paused() -> ColumnElement[bool]:
    """A condition on Delivery: true in the scope of a pause that nobody has resumed."""
    here = and_(Pause.organisation_id == Delivery.organisation_id, Pause.resumed_at.is_(None))
    platform = select(Channel.platform).where(Channel.id == Delivery.channel_id).scalar_subquery()
    campaign = select(Post.campaign_id).where(Post.id == Delivery.post_id).scalar_subquery()
    scope = or_(
        Pause.scope == "all",
        and_(Pause.scope == "platform", Pause.value == platform),
        and_(Pause.scope == "channel", Pause.scope_id == Delivery.channel_id),
        and_(Pause.scope == "campaign", Pause.scope_id == campaign),
    )
    return exists().where(here, scope)
