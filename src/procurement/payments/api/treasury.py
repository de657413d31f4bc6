"""The treasury for programs: the same services as its pages."""

import msgspec
from litestar import Controller, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody

from procurement.infra.tx import Tx
from procurement.infra.web import access
from procurement.infra.web.door import also
from procurement.infra.web.versions import Resource, changes
from procurement.kernel.money import Money
from procurement.kernel.permissions import P
from procurement.payments import service
from procurement.payments.rules.books import Balance
from procurement.payments.rules.came_in import Payment
from procurement.payments.rules.refunds import Forfeiture, Refund
from procurement.payments.service import Listed, Story, Waiting

BEARER: list[dict[str, list[str]]] = [{"bearer": []}]
AT = "/api/v1/treasury"
CHARGE = Resource(AT + "/charges/{charge_id}", ("charge_id",), service.lock, service.story)
REFUND = Resource(AT + "/refunds/{refund_id}", ("refund_id",), service.lock_refund, service.refund)
FORFEITURE = Resource(
    AT + "/forfeitures/{forfeiture_id}", ("forfeiture_id",), service.lock_forfeiture, service.forfeiture
)
PAYMENT = Resource(AT + "/payments/{payment_id}", ("payment_id",), service.lock_payment, service.payment)


class _Input(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An unknown field is refused, never ignored."""


class Amount(_Input, frozen=True):
    """In minor units of the currency (ISO 4217)."""

    amount: int
    currency: str

    @property
    def money(self) -> Money:
        return Money(self.amount, self.currency)


class ToRefund(_Input, frozen=True):
    """`money` in the charge's currency. The payer reads the reason."""

    money: Amount
    reason: str


class ToKeep(_Input, frozen=True):
    """`basis` is the article that allows it."""

    money: Amount
    reason: str
    basis: str


class Reason(_Input, frozen=True):
    reason: str


class ToMatch(_Input, frozen=True):
    """The id of the charge that the money was for."""

    charge: str


class TreasuryApi(Controller):
    path = AT
    tags = ("treasury",)
    security = BEARER

    @get("/", opt=access(P.PAYMENT_READ))
    async def waiting(self, tx: NamedDependency[Tx]) -> Waiting:
        """What waits: decisions of a second person, money without a charge, refunds that failed, open disputes."""
        return await service.waiting(tx)

    @get("/balances", opt=access(P.PAYMENT_READ))
    async def balances(self, tx: NamedDependency[Tx]) -> list[Balance]:
        """What stands in each account, in minor units: debits above zero, credits below. Each currency sums to zero."""
        return await service.treasury_balances(tx)

    @get("/charges", opt=access(P.PAYMENT_READ) | also(422))
    async def charges(
        self, tx: NamedDependency[Tx], reference: FromQuery[str] = "", before: FromQuery[str] = ""
    ) -> Listed:
        """Everybody's charges, the newest first; with `reference` (ISO 11649) that one. `before`: an earlier `next`."""
        return await service.listed(tx, before=before, reference=reference)

    @get("/charges/{charge_id:str}", opt=access(P.PAYMENT_READ))
    async def charge(self, tx: NamedDependency[Tx], charge_id: FromPath[str]) -> Story:
        """A charge with its payments, refunds, forfeitures, disputes and postings."""
        return await service.story(tx, charge_id)

    @post("/charges/{charge_id:str}/refunds", opt=access(P.REFUND_ASK) | changes(CHARGE), status_code=201)
    async def ask_refund(
        self, tx: NamedDependency[Tx], charge_id: FromPath[str], data: JSONBody[ToRefund]
    ) -> list[Refund]:
        """Ask that money goes back, after a fresh proof of identity; above the rulebook's limit a second person
        approves. One refund for each payment that it is taken from."""
        return await service.ask_refund(tx, charge_id, data.money.money, data.reason)

    @post("/charges/{charge_id:str}/forfeitures", opt=access(P.REFUND_ASK) | changes(CHARGE), status_code=201)
    async def ask_forfeiture(
        self, tx: NamedDependency[Tx], charge_id: FromPath[str], data: JSONBody[ToKeep]
    ) -> Forfeiture:
        """Ask that a deposit is kept, after a fresh proof of identity. A second person decides."""
        return await service.ask_forfeiture(tx, charge_id, data.money.money, data.reason, data.basis)


class DecisionApi(Controller):
    path = AT
    tags = ("treasury",)
    security = BEARER

    @get("/refunds/{refund_id:str}", opt=access(P.PAYMENT_READ))
    async def refund(self, tx: NamedDependency[Tx], refund_id: FromPath[str]) -> Refund:
        """One refund."""
        return await service.refund(tx, refund_id)

    @post("/refunds/{refund_id:str}/approval", opt=access(P.REFUND_APPROVE) | changes(REFUND), status_code=200)
    async def approve_refund(self, tx: NamedDependency[Tx], refund_id: FromPath[str]) -> Refund:
        """Decide for it, as another person than who asked or confirmed, after a fresh proof of identity."""
        return await service.approve_refund(tx, refund_id)

    @post("/refunds/{refund_id:str}/refusal", opt=access(P.REFUND_APPROVE) | changes(REFUND), status_code=200)
    async def refuse_refund(self, tx: NamedDependency[Tx], refund_id: FromPath[str], data: JSONBody[Reason]) -> Refund:
        """Decide against it. Who asked may take it back."""
        return await service.refuse_refund(tx, refund_id, data.reason)

    @get("/forfeitures/{forfeiture_id:str}", opt=access(P.PAYMENT_READ))
    async def forfeiture(self, tx: NamedDependency[Tx], forfeiture_id: FromPath[str]) -> Forfeiture:
        """One forfeiture."""
        return await service.forfeiture(tx, forfeiture_id)

    @post(
        "/forfeitures/{forfeiture_id:str}/approval", opt=access(P.REFUND_APPROVE) | changes(FORFEITURE), status_code=200
    )
    async def approve_forfeiture(self, tx: NamedDependency[Tx], forfeiture_id: FromPath[str]) -> Forfeiture:
        """Keep the money for good, as another person than who asked, after a fresh proof of identity."""
        return await service.approve_forfeiture(tx, forfeiture_id)

    @post(
        "/forfeitures/{forfeiture_id:str}/refusal", opt=access(P.REFUND_APPROVE) | changes(FORFEITURE), status_code=200
    )
    async def refuse_forfeiture(
        self, tx: NamedDependency[Tx], forfeiture_id: FromPath[str], data: JSONBody[Reason]
    ) -> Forfeiture:
        """Decide against it: where nothing is asked any more, the money goes back."""
        return await service.refuse_forfeiture(tx, forfeiture_id, data.reason)

    @get("/payments/{payment_id:str}", opt=access(P.PAYMENT_READ))
    async def payment(self, tx: NamedDependency[Tx], payment_id: FromPath[str]) -> Payment:
        """One payment. Its charge is "" while nobody knows what it was for."""
        return await service.payment(tx, payment_id)

    @post("/payments/{payment_id:str}/match", opt=access(P.PAYMENT_RECORD) | changes(PAYMENT), status_code=200)
    async def match(self, tx: NamedDependency[Tx], payment_id: FromPath[str], data: JSONBody[ToMatch]) -> Payment:
        """Say what unmatched money was for. It counts from the day on which it came."""
        await service.match(tx, payment_id, data.charge)
        return await service.payment(tx, payment_id)

    @post("/payments/{payment_id:str}/return", opt=access(P.REFUND_ASK) | changes(PAYMENT), status_code=201)
    async def give_back(self, tx: NamedDependency[Tx], payment_id: FromPath[str], data: JSONBody[Reason]) -> Refund:
        """Ask that unmatched money goes back where it came from, after a fresh proof of identity."""
        return await service.return_payment(tx, payment_id, data.reason)


ROUTES = (TreasuryApi, DecisionApi)
