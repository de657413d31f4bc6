"""Paying by bank transfer: where to, how much and under which reference; and where an organisation wants money back.

Without an account of ours in the settings there is no transfer, and nothing here.
"""

from zoneinfo import ZoneInfo

import msgspec
from segno import helpers
from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert

from procurement.infra.tx import Tx
from procurement.kernel.money import Money
from procurement.kernel.permissions import P
from procurement.kernel.refusal import Refused
from procurement.payments.rules import references, transfers
from procurement.payments.rules.charges import Charge
from procurement.payments.rules.transfers import Account, RefundAccountChanged
from procurement.payments.service.permitted import treasury
from procurement.payments.tables.bank import RefundAccount
from procurement.settings import Settings

EPC_CURRENCY, EPC_MOST = "EUR", 999_999_999_99  # cents (EPC069-12)


class Ours(msgspec.Struct, frozen=True):
    """The treasury's own account, in one currency; `bic` may be "" where nobody needs it. `zone` is official time."""

    account: Account
    bic: str
    currency: str
    zone: ZoneInfo


class Instructions(msgspec.Struct, frozen=True):
    """What somebody types into their bank. `qr` is the same as a drawing that a banking app reads (EPC069-12, SVG), ""
    where the standard has none: for other currencies than the euro."""

    account: str
    holder: str
    bic: str
    amount: Money
    reference: str
    qr: str


def ours(settings: Settings | None = None) -> Ours | None:
    """The account of the settings; None where there is none, or one that cannot be right, which the doctor tells."""
    settings = settings or Settings.read()
    number = transfers.compact(settings.transfer_account)
    if not number or not settings.transfer_holder:
        return None
    zone = ZoneInfo(settings.official_timezone)
    return Ours(Account(number, settings.transfer_holder), settings.transfer_bic, settings.transfer_currency, zone)


def must_be_ours() -> Ours:
    """Refused("transfer-unavailable", 404) where no account is set."""
    found = ours()
    if found is None:
        raise Refused("transfer-unavailable", "This service takes no bank transfers.", status=404)
    return found


def instructions(charge: Charge) -> Instructions | None:
    """How to pay what is still owed of a charge by transfer; None where that is not possible, or nothing is owed."""
    to = ours()
    if to is None or not charge.owed.amount or charge.owed.currency != to.currency:
        return None
    return Instructions(
        account=to.account.shown,
        holder=to.account.holder,
        bic=to.bic,
        amount=charge.owed,
        reference=references.shown(charge.reference),
        qr=_drawn(to, charge),
    )


async def refund_account(tx: Tx, organisation: str) -> Account | None:
    """Where an organisation wants its money back: for its people and the treasury. Refused("not-permitted", 403)."""
    if not tx.actor.may(P.PAYMENT_READ_OWN, of=organisation):
        tx.actor.must(P.PAYMENT_READ, of=treasury(tx, P.PAYMENT_READ))
    row = await tx.session.get(RefundAccount, organisation, populate_existing=True)
    return Account(row.iban, row.holder) if row else None


async def set_refund_account(tx: Tx, organisation: str, iban: str, holder: str) -> None:
    """Say where one's money is to go back to. Refused("form-invalid", 422), ("step-up-needed", 403).

    Refunds that were put into a list before go where that list says.
    """
    tx.actor.must(P.PAYMENT_PAY, of=organisation)
    tx.actor.must_be_stepped_up(tx.real_now)
    account = transfers.account(iban, holder)
    values = {"iban": account.iban, "holder": account.holder, "set_by": tx.actor.person, "set_at": tx.now}
    stored = insert(RefundAccount).values(organisation=organisation, **values)
    await tx.session.execute(stored.on_conflict_do_update(index_elements=["organisation"], set_=values))
    await tx.record(RefundAccountChanged(organisation=organisation, named=True), organisation=organisation)


async def remove_refund_account(tx: Tx, organisation: str) -> None:
    """No account any more. Refused("not-permitted", 403), ("step-up-needed", 403)."""
    tx.actor.must(P.PAYMENT_PAY, of=organisation)
    tx.actor.must_be_stepped_up(tx.real_now)
    gone = delete(RefundAccount).where(RefundAccount.organisation == organisation).returning(RefundAccount.organisation)
    if await tx.session.scalar(gone):
        await tx.record(RefundAccountChanged(organisation=organisation, named=False), organisation=organisation)


def _drawn(to: Ours, charge: Charge) -> str:
    if charge.owed.currency != EPC_CURRENCY or charge.owed.amount > EPC_MOST:
        return ""
    code = helpers.make_epc_qr(
        name=to.account.holder,
        iban=to.account.iban,
        amount=charge.owed.decimal(),
        reference=charge.reference,
        bic=to.bic or None,
    )
    return str(code.svg_inline(scale=4, border=4, light="#fff", dark="#000"))
