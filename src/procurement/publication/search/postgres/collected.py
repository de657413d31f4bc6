"""Where each collection is found, and by which date its items are asked for."""

from typing import Any

from sqlalchemy import ColumnElement

from procurement.infra.search import Collection
from procurement.publication.tables import AwardRow, NoticeRow, OrganisationRow

Row = type[NoticeRow] | type[AwardRow] | type[OrganisationRow]

TABLES: dict[Collection, Row] = {
    Collection.NOTICES: NoticeRow,
    Collection.AWARDS: AwardRow,
    Collection.ORGANISATIONS: OrganisationRow,
}
DATES: dict[Collection, ColumnElement[Any]] = {
    Collection.NOTICES: NoticeRow.published_at.expression,
    Collection.AWARDS: AwardRow.awarded_at.expression,
    Collection.ORGANISATIONS: OrganisationRow.seen_at.expression,
}
