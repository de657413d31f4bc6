"""One procurement of ours: the notice, and the record that proves it."""

from typing import Any

from litestar import Controller, get
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Template

from procurement.infra.ledger import service as ledger
from procurement.infra.tx import Tx
from procurement.infra.web import access, page
from procurement.infra.web.door import AnyRequest
from procurement.infra.web.shelf import keep
from procurement.publication.pages.rows import readable
from procurement.publication.service import life
from procurement.tenders import service as tenders


class TenderPages(Controller):
    path = "/tenders/{tender_id:str}"
    include_in_schema = False

    @get("/", opt=access("public"))
    async def tender(self, request: AnyRequest, tx: NamedDependency[Tx], tender_id: FromPath[str]) -> Template:
        kept = await keep(request, tx, await tenders.ocid(tx, tender_id))
        seen = await life.procurement(tx, tender_id)
        kept.on(*seen.milestones.dates().values())
        extensions = await tenders.extensions(tx, tender_id)
        return page(
            "publication/tender.html", seen=seen, extensions=extensions, tender=seen.tender, **_moments(seen, tx)
        )

    @get("/record", opt=access("public"))
    async def record(self, tx: NamedDependency[Tx], tender_id: FromPath[str]) -> Template:
        """Every entry of this procurement in the public record, to be proved."""
        tender = await tenders.public_tender(tx, tender_id)
        entries = await ledger.of_process(tx.session, tender.ocid)
        return page(
            "publication/record.html",
            tender=tender,
            entries=readable(entries),
            checkpoint=await ledger.latest_checkpoint(tx.session),
            key=(await ledger.published_keys(tx.session)).get("checkpoints", ""),
        )


def _moments(seen: life.Procurement, tx: Tx) -> dict[str, Any]:
    return {"milestones": seen.milestones, "stage": seen.milestones.stage(tx.now), "phase": seen.tender.phase(tx.now)}
