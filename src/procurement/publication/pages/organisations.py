"""What one organisation buys, or has won."""

from litestar import Controller, get
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Template

from procurement.identity import service as identity
from procurement.infra.freshness import PUBLISHED
from procurement.infra.search import COUNTED, Collection
from procurement.infra.tx import Tx
from procurement.infra.web import access, page
from procurement.infra.web.door import AnyRequest
from procurement.infra.web.shelf import keep
from procurement.kernel.refusal import unknown
from procurement.publication import service
from procurement.publication.asked import Asked
from procurement.publication.pages.rows import award_row, row
from procurement.publication.pages.search import asked
from procurement.publication.pages.spending import a_year_before
from procurement.publication.rules.award_line import AwardLine
from procurement.publication.service import finding
from procurement.suppliers import service as suppliers


class OrganisationPages(Controller):
    include_in_schema = False

    @get("/buyers/{organisation:str}", opt=access("public"))
    async def buyer(self, request: AnyRequest, tx: NamedDependency[Tx], organisation: FromPath[str]) -> Template:
        """A buyer here, or one of another publisher."""
        await keep(request, tx, PUBLISHED)
        wanted = Asked(buyer=organisation, status="all", sort="newest", after=asked(request).after)
        hits, notices = await service.search(tx, wanted.question(tx.now))
        known = (await identity.organisations(tx, [organisation])).get(organisation)
        if not notices and (known is None or known.kind != "buyer"):
            raise unknown("buyer")
        since = a_year_before(tx.now.date())
        currency = await service.usual_currency(tx, since, organisation)
        kinds = await service.spending(tx, "kind", since, currency, organisation) if currency else ()
        return page(
            "publication/buyer.html",
            id=organisation,
            name=known.name if known else notices[0].buyer,
            organisation=known,
            history=await identity.history(tx, organisation),
            source=notices[0].source if notices else "",
            rows=[row(notice, tx.now) for notice in notices],
            hits=hits,
            kinds=kinds,
            since=since,
            counted=COUNTED,
        )

    @get("/suppliers/{organisation:str}", opt=access("public"))
    async def supplier(self, request: AnyRequest, tx: NamedDependency[Tx], organisation: FromPath[str]) -> Template:
        """What it says of itself, and what it has won."""
        found = Collection.AWARDS
        wanted = Asked(find=found, supplier=organisation, sort="newest", after=asked(request, found).after)
        hits, items = await finding.find(tx, wanted.question(tx.now))
        awards = [one for one in items if isinstance(one, AwardLine)]
        profile = (await suppliers.profiles(tx, [organisation])).get(organisation)
        if profile is None and not awards:
            raise unknown("supplier")
        won = awards[0] if awards else None
        name = profile.legal_name if profile else won.suppliers[won.supplier_ids.index(organisation)] if won else ""
        return page(
            "publication/supplier.html",
            id=organisation,
            name=name,
            profile=profile,
            history=await identity.history(tx, organisation),
            source=won.source if won else "",
            rows=[award_row(award) for award in awards],
            hits=hits,
            counted=COUNTED,
        )
