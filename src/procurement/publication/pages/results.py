"""How procurements ended: the award with its reasons, and the contract."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec
from litestar import Controller, get
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Template

from procurement.awards import service as awards
from procurement.awards.rules import Award
from procurement.contracts import service as contracts
from procurement.identity import service as identity
from procurement.infra.tx import Tx
from procurement.infra.web import access, page
from procurement.infra.web.door import AnyRequest
from procurement.infra.web.shelf import keep
from procurement.publication.service import life
from procurement.tenders import service as tenders

LONGEST_DRAWN = 21  # days of standstill that are drawn one by one


class Day(msgspec.Struct, frozen=True):
    """One day of a standstill as drawn: over, today, or to come."""

    number: int
    at: datetime
    state: str


class ResultPages(Controller):
    include_in_schema = False

    @get("/tenders/{tender_id:str}/award", opt=access("public"))
    async def award(self, request: AnyRequest, tx: NamedDependency[Tx], tender_id: FromPath[str]) -> Template:
        kept = await keep(request, tx, await tenders.ocid(tx, tender_id))
        seen = await life.procurement(tx, tender_id)
        zone = (await tenders.rulebook_of(tx, seen.tender)).zone
        days = {award.id: standstill_days(award, tx.now, zone) for award in seen.awards}
        kept.on(*seen.milestones.dates().values(), *(award.standstill_ends for award in seen.awards))
        until = {award.id: await awards.standstill_words(tx, seen.tender, award) for award in seen.awards}
        return page(
            "publication/award.html",
            seen=seen,
            tender=seen.tender,
            milestones=seen.milestones,
            days=days,
            until=until,
        )

    @get("/contracts/{contract_id:str}", opt=access("public"))
    async def contract(self, request: AnyRequest, tx: NamedDependency[Tx], contract_id: FromPath[str]) -> Template:
        tender = (await contracts.contract(tx, contract_id)).tender
        await keep(request, tx, await tenders.ocid(tx, tender))
        found = await contracts.contract(tx, contract_id)  # again: what is shown is read after its version
        seen = await life.procurement(tx, found.tender)
        sides = await identity.organisations_at(tx, [found.buyer, found.supplier], found.drafted_at)
        award = next((award for award in seen.awards if award.id == found.award), None)
        return page(
            "publication/contract.html", contract=found, seen=seen, tender=seen.tender, sides=sides, award=award
        )


def standstill_days(award: Award, now: datetime, zone: ZoneInfo) -> list[Day]:
    """The days of the standstill in official time, from the day after the announcement to the last."""
    if award.announced_at is None or award.standstill_ends is None:
        return []
    first = award.announced_at.astimezone(zone) + timedelta(days=1)
    last = award.standstill_ends.astimezone(zone) - timedelta(microseconds=1)
    count = (last.date() - first.date()).days + 1
    if not 0 < count <= LONGEST_DRAWN:
        return []
    today = now.astimezone(zone).date()
    days = [first + timedelta(days=number) for number in range(count)]
    return [
        Day(day.day, day, "over" if day.date() < today else "today" if day.date() == today else "next") for day in days
    ]
