"""The page everybody lands on after signing in."""

from litestar import Controller, get
from litestar.di import NamedDependency
from litestar.params import FromQuery
from litestar.response import Template

from procurement.desks import service
from procurement.desks.rules import Desk
from procurement.identity import service as identity
from procurement.infra.tx import Tx
from procurement.infra.web import access, page
from procurement.kernel.permissions import P
from procurement.tenders import service as tenders


class DeskPages(Controller):
    path = "/desk"
    include_in_schema = False

    @get("/", opt=access("signed-in"))
    async def desk(self, tx: NamedDependency[Tx]) -> Template:
        desk = await service.desk(tx)
        organisations = await identity.organisations(tx, _organisations(tx, desk))
        actors = {duty.by for duty in desk.duties if duty.by}
        return page(
            "desks/desk.html",
            desk=desk,
            people=await identity.person_names(tx, {tx.actor.person, *actors}),
            names={id_: one.name for id_, one in organisations.items()},
            at=organisations.get(desk.organisation),
            elsewhere=sorted({organisation for organisation, _ in tx.actor.roles} - {desk.organisation}),
        )

    @get("/acts", opt=access("signed-in"))
    async def acts(self, tx: NamedDependency[Tx], before: FromQuery[int | None] = None) -> Template:
        return page("desks/acts.html", found=await service.acts(tx, before))

    @get("/tenders", opt=access(P.TENDER_READ_DRAFT))
    async def tenders(self, tx: NamedDependency[Tx], before: FromQuery[str] = "") -> Template:
        """Every tender of the organisation acted for, drafts and ended ones too, the newest first."""
        found = await tenders.of_buyer(tx, tx.actor.organisation, before=before, limit=tenders.PAGE + 1)
        shown = found[: tenders.PAGE]
        return page("desks/tenders.html", found=shown, next=shown[-1].id if len(found) > len(shown) else "")


def _organisations(tx: Tx, desk: Desk) -> set[str]:
    """Whoever the page names: the buyers, and the organisations one may act for."""
    shown = {row.buyer for row in desk.running} | {soon.buyer for soon in desk.soon}
    return shown | {organisation for organisation, _ in tx.actor.roles}


ROUTES = (DeskPages,)
