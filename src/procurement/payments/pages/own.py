"""A payer's own pages: what is asked of its organisation, how it is paid, where it stands, what comes back."""

from litestar import Controller, get
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Template

from procurement.identity import service as identity
from procurement.infra.tx import Tx
from procurement.infra.web import access, page
from procurement.kernel.permissions import P
from procurement.kernel.refusal import Refused
from procurement.payments import service
from procurement.payments.service import receipts
from procurement.payments.service.movements import movements
from procurement.payments.service.transfer import instructions
from procurement.payments.service.transfer_out import account_wanted
from procurement.settings import Settings


class OwnCharges(Controller):
    path = "/payments"
    include_in_schema = False

    @get("/", opt=access(P.PAYMENT_READ_OWN))
    async def every(self, tx: NamedDependency[Tx]) -> Template:
        """What the organisation acted for was asked, the newest first."""
        found = await service.of_payer(tx, tx.actor.organisation)
        return page("payments/charges.html", charges=found, payer=await _name(tx, tx.actor.organisation))

    @get("/{charge_id:str}", opt=access(P.PAYMENT_READ_OWN))
    async def one(
        self, tx: NamedDependency[Tx], settings: NamedDependency[Settings], charge_id: FromPath[str]
    ) -> Template:
        return await charge_page(tx, settings, charge_id)


async def charge_page(tx: Tx, settings: Settings, charge_id: str, refused: Refused | None = None) -> Template:
    """One charge; with what went wrong, after something that was tried on it."""
    charge = await service.own(tx, charge_id)
    may_pay = tx.actor.may(P.PAYMENT_PAY, of=charge.payer) and bool(charge.owed.amount)
    return page(
        "payments/charge.html",
        refused=refused,
        charge=charge,
        payer=await _name(tx, charge.payer),
        payee=await _name(tx, charge.payee),
        movements=await movements(tx, charge),
        receipts=await receipts.of_charge(tx, charge.id),
        account_since=await account_wanted(tx, charge.payer) if charge.state == "returning" else None,
        cards=may_pay and bool(settings.stripe_secret_key),
        transfer=instructions(charge) if may_pay else None,
    )


async def _name(tx: Tx, organisation: str) -> str:
    return (await identity.organisation(tx, organisation)).name
