"""Campaigns by their names."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from scheduler.core.cells import closest
from scheduler.core.problems import refuse
from scheduler.core.wording import N_
from scheduler.store.tables import Campaign

NO_CAMPAIGN = N_("there is no campaign {campaign}: see postroad posts list")


def find_campaign(session: Session, organisation_id: int, name: str) -> int:
    """The id of the campaign of this name, or Refused."""
    query = select(Campaign.id).where(Campaign.organisation_id == organisation_id, Campaign.name == name)
    found = session.scalar(query)
    if found is None:
        names = session.scalars(select(Campaign.name).where(Campaign.organisation_id == organisation_id))
        raise refuse(NO_CAMPAIGN, campaign=name, near=closest(name, names))
    return found
