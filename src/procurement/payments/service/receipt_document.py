"""What a receipt prints, already in words."""

import msgspec

from procurement.identity import service as identity
from procurement.infra import documents
from procurement.infra.ledger.service import Entry
from procurement.infra.tx import Tx
from procurement.infra.web.engrave import rosette
from procurement.kernel.money import Money
from procurement.payments.rules import references
from procurement.payments.service import reading
from procurement.payments.tables.charges import PaymentRow, RefundRow
from procurement.payments.tables.receipts import ReceiptDue
from procurement.rulebooks import service as rulebooks
from procurement.settings import Settings

INK = "#0b5b41"


class ReceiptText(msgspec.Struct, frozen=True, kw_only=True):
    """The data of payments/receipt.typ; `kind` and `channel` are its to put into words."""

    language: str
    country: str
    number: str
    kind: str
    amount: str
    amount_minor: int
    currency: str
    channel: str
    title: str
    reference: str
    payer: str
    payer_id: str
    payer_register: str
    payee: str
    moved_on: str
    issued_on: str
    book_key: str
    index: int
    entry: str
    seal: str
    practice: bool


async def text(tx: Tx, due: ReceiptDue, placed: Entry, number: str) -> ReceiptText:
    """The receipt for a payment or refund whose entry in the ledger is `placed`."""
    charge = await reading.charge(tx, due.charge_id)
    rulebook = await rulebooks.active(tx)
    parties = await identity.organisations(tx, {charge.payer, charge.payee})
    payer = parties[charge.payer]
    if due.kind == "payment":
        paid = await tx.session.get_one(PaymentRow, due.subject)
        money, moved, channel = Money(paid.amount, paid.currency), paid.paid_at, paid.channel
    else:
        refund = await tx.session.get_one(RefundRow, due.subject)
        paid = await tx.session.get_one(PaymentRow, refund.payment_id)
        money, moved, channel = Money(refund.amount, refund.currency), refund.sent_at or tx.now, paid.channel
    return ReceiptText(
        language=rulebook.languages[0],
        country=Settings.read().country_name,
        number=number,
        kind=due.kind,
        amount=documents.amount(money),
        amount_minor=money.amount,
        currency=money.currency,
        channel=channel,
        title=charge.title,
        reference=references.shown(charge.reference),
        payer=payer.name,
        payer_id=payer.id,
        payer_register=f"{payer.identifier_scheme} {payer.identifier}".strip(),
        payee=parties[charge.payee].name,
        moved_on=documents.day(moved.astimezone(rulebook.zone).date()),
        issued_on=documents.day(tx.now.astimezone(rulebook.zone).date()),
        book_key=due.book_key,
        index=placed.index,
        entry=placed.entry,
        seal=seal(placed.entry),
        practice=tx.sandbox,
    )


def seal(digest: str) -> str:
    """The seal of a SHA-256 (hex) as an SVG image: the drawing that the pages have, in one ink."""
    drawn = rosette(digest)
    rings = [
        f'<g transform="rotate({turn})"><path d="{ring.path}"/></g>' for ring in drawn.rings for turn in ring.turns
    ]
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="-1010 -1010 2020 2020">'
        f'<g fill="none" stroke="{INK}" stroke-width="5"><path d="{drawn.rim}"/>{"".join(rings)}'
        f'<circle r="{drawn.core}"/></g></svg>'
    )
