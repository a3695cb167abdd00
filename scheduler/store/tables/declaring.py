"""What tables are declared with: their root, and keys of rows of other tables."""

from typing import Annotated, Any

from sqlalchemy import ForeignKey, MetaData
from sqlalchemy.orm import DeclarativeBase, mapped_column

from scheduler.store.columns import BigKey


class Table(DeclarativeBase):
    """Declarative root with constraint names that migrations can rely on."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_label)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


def _to(column: str) -> Any:
    return mapped_column(BigKey, ForeignKey(column), index=True)


OrganisationId = Annotated[int, _to("organisation.id")]
MemberId = Annotated[int, _to("member.id")]
MaybeMemberId = Annotated[int | None, mapped_column(BigKey, ForeignKey("member.id"))]
ChannelId = Annotated[int, _to("channel.id")]
PostId = Annotated[int, _to("post.id")]
VariantId = Annotated[int, _to("variant.id")]
AssetId = Annotated[int, _to("asset.id")]
DeliveryId = Annotated[int, _to("delivery.id")]
GoalId = Annotated[int, _to("goal.id")]
RecipientId = Annotated[int, _to("report_recipient.id")]
