"""Taking in a statement of our account: a file whole or not at all, and each movement once however often it comes."""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime

import msgspec
from sqlalchemy import func, insert, select, text

from procurement.infra.tx import Tx
from procurement.kernel.canonical import sha256_hex
from procurement.kernel.ids import new_id
from procurement.kernel.money import Money
from procurement.kernel.permissions import P
from procurement.kernel.refusal import Refused, unknown
from procurement.payments.rules import statement as rules
from procurement.payments.rules.matching import Outcome, judge
from procurement.payments.rules.statement import Line, Statement, camt, table
from procurement.payments.rules.transfers import StatementImported
from procurement.payments.service import transfer, transfer_known, transfer_settling
from procurement.payments.service.permitted import treasury
from procurement.payments.tables.bank import BankLine, BankStatement

PAGE = 30  # statements on one page
ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(hashtextextended('bank statements', 0))")


class Imported(msgspec.Struct, frozen=True, kw_only=True):
    """A file that was taken in. Of its `lines`, `added` were new, of which `waiting` are left for a person by now.
    `again` says that this very file was imported before."""

    id: str
    sha256: str
    format: str
    opening: Money | None
    closing: Money | None
    first_day: date
    last_day: date
    lines: int
    added: int
    waiting: int
    imported_by: str
    imported_at: datetime
    again: bool = False


def must_take_in(tx: Tx) -> transfer.Ours:
    """Our account, for whoever may take its statements in. Refused("not-permitted", 403), ("transfer-unavailable",
    404)."""
    tx.actor.must(P.PAYMENT_RECORD, of=treasury(tx, P.PAYMENT_RECORD))
    return transfer.must_be_ours()


async def import_statement(tx: Tx, file: bytes) -> Imported:
    """Take a statement in, settle what is certain, and leave the rest for a person.

    The same file again changes nothing; an overlapping one adds only its new lines. Refused("file-too-large", 413),
    ("transfer-unavailable", 404), and what `rules.statement` refuses: then nothing changed.
    """
    to = must_take_in(tx)
    if len(file) > rules.LIMIT:
        raise Refused("file-too-large", f"A file may have at most {rules.LIMIT:,} bytes.", status=413)
    format_ = "camt.053" if file.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<") else "csv"
    statements = await asyncio.to_thread(camt.read if format_ == "camt.053" else table.read, file)
    rules.must_hold(statements, to.account.iban, to.currency)
    await tx.session.execute(ONE_AT_A_TIME)
    await tx.clock()
    digest = sha256_hex(file)
    if known := await tx.session.scalar(select(BankStatement).where(BankStatement.sha256 == digest)):
        return msgspec.structs.replace(await statement(tx, known.id), again=True)
    lines = [line for one in statements for line in one.lines]
    return await _take_in(tx, to, digest, format_, statements, lines)


async def statement(tx: Tx, statement_id: str) -> Imported:
    """Refused("statement-unknown", 404)."""
    tx.actor.must(P.PAYMENT_READ, of=treasury(tx, P.PAYMENT_READ))
    found = await _read(tx, BankStatement.id == statement_id)
    if not found:
        raise unknown("statement")
    return found[0]


async def statements(tx: Tx) -> list[Imported]:
    """The newest ones."""
    tx.actor.must(P.PAYMENT_READ, of=treasury(tx, P.PAYMENT_READ))
    return await _read(tx)


async def _take_in(
    tx: Tx, to: transfer.Ours, digest: str, format_: str, statements: Sequence[Statement], lines: Sequence[Line]
) -> Imported:
    if not lines:
        raise Refused("statement-empty", "Nothing moved in this statement, so there is nothing to take in.", status=422)
    identities = rules.identities(to.account.iban, lines)
    rules.must_continue(lines, identities, await _days(tx, lines))
    known = set(await tx.session.scalars(select(BankLine.identity).where(BankLine.identity.in_(identities.values()))))
    new = [line for line in lines if identities[line.number] not in known]
    id_, ends = new_id(), [one for one in statements if one.lines]
    opening, closing = ends[0].opening, ends[-1].closing
    fact = StatementImported(
        statement=id_, sha256=digest, lines=len(lines), added=len(new), opening=opening, closing=closing
    )
    row = {
        "id": id_, "sha256": digest, "format": format_, "currency": to.currency, "opening": _amount(opening),
        "closing": _amount(closing), "first_day": min(line.booked_on for line in lines),
        "last_day": max(line.booked_on for line in lines), "lines": len(lines), "added": len(new),
        "imported_by": tx.actor.person, "imported_at": tx.now, "record_id": await tx.record(fact),
    }  # fmt: skip
    await tx.session.execute(insert(BankStatement).values(**row))
    await _settle_each(tx, to, id_, new, identities)
    return await statement(tx, id_)


async def _settle_each(
    tx: Tx, to: transfer.Ours, statement_id: str, lines: Sequence[Line], identities: dict[int, str]
) -> None:
    """In the order of the file, so that a reversal finds what it reverses."""
    held = await transfer_known.held_against(tx, lines)
    for line in lines:
        identity = identities[line.number]
        verdict = judge(line, await transfer_known.with_earlier(tx, held, line))
        settled = await transfer_settling.settle(tx, to, line, identity, verdict)
        done = settled.outcome is not Outcome.PERSON
        values = msgspec.structs.asdict(line) | {
            "id": new_id(), "statement": statement_id, "identity": identity, "amount": line.money.amount,
            "currency": line.money.currency, "outcome": settled.outcome, "why": settled.why or "",
            "charge_id": settled.charge or None, "payment_id": settled.payment or None,
            "refund_id": settled.refund or None, "note": "", "settled_at": tx.now if done else None,
        }  # fmt: skip
        del values["money"]
        await tx.session.execute(insert(BankLine).values(**values))


async def _days(tx: Tx, lines: Iterable[Line]) -> dict[date, dict[str, bool]]:
    """What is known of the days of these lines: identities, and whether the bank named the line."""
    days: dict[date, dict[str, bool]] = defaultdict(dict)
    query = select(BankLine.booked_on, BankLine.identity, BankLine.bank_reference)
    for row in await tx.session.execute(query.where(BankLine.booked_on.in_({line.booked_on for line in lines}))):
        days[row.booked_on][row.identity] = bool(row.bank_reference)
    return days


async def _read(tx: Tx, *conditions: object) -> list[Imported]:
    waiting = (
        select(func.count())
        .where(BankLine.statement == BankStatement.id, BankLine.outcome == Outcome.PERSON)
        .scalar_subquery()
    )
    query = select(BankStatement, waiting).where(*conditions)  # type: ignore[arg-type]  # conditions of this module
    newest = query.order_by(BankStatement.imported_at.desc(), BankStatement.id).limit(PAGE)
    return [_imported(row, left) for row, left in await tx.session.execute(newest)]


def _imported(row: BankStatement, waiting: int) -> Imported:
    def money(amount: int | None) -> Money | None:
        return Money(amount, row.currency) if amount is not None else None

    return Imported(
        id=row.id,
        sha256=row.sha256,
        format=row.format,
        opening=money(row.opening),
        closing=money(row.closing),
        first_day=row.first_day,
        last_day=row.last_day,
        lines=row.lines,
        added=row.added,
        waiting=waiting,
        imported_by=row.imported_by,
        imported_at=row.imported_at,
    )


def _amount(money: Money | None) -> int | None:
    return money.amount if money else None
