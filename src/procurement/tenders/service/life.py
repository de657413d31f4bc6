"""The steps of a tender's life that others see: submitted, published, extended, cancelled."""

from datetime import datetime

import msgspec
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from procurement.holders import service as holders
from procurement.identity import service as identity
from procurement.infra.keyholder import Keyholder
from procurement.infra.tx import Tx
from procurement.kernel.canonical import sha256_hex
from procurement.kernel.ids import new_id
from procurement.kernel.permissions import P
from procurement.kernel.refusal import Refused, invalid
from procurement.rulebooks import service as rulebooks
from procurement.rulebooks.rules import Rulebook
from procurement.tenders.rules import life
from procurement.tenders.rules.facts import TenderPublished
from procurement.tenders.rules.model import Extension, Tender
from procurement.tenders.rules.seal import asked
from procurement.tenders.rules.timetable import Timetable, timetable
from procurement.tenders.service.binding import bind
from procurement.tenders.service.reading import lock_exclusive, rulebook_of, tender
from procurement.tenders.tables import DocumentRow, ExtensionRow, RevisionRow, TenderRow

LEAST_REASON = 10  # characters
MOST_REASON = 4000


async def submit(tx: Tx, keyholder: Keyholder, tender_id: str) -> None:
    """Ask for approval; where the rulebook wants no second person, publish at once. See rules.life.submit."""
    draft, now = await _locked(tx, tender_id)
    tx.actor.must(P.TENDER_DRAFT, of=draft.buyer)
    rulebook = await rulebooks.active(tx)
    fact = life.submit(draft, rulebook, tx.actor.person, now, await holders.roster(tx, tender_id))
    await _set(tx, tender_id, state="submitted", submitted_by=tx.actor.person, submitted_at=now, returned_reason="")
    await tx.record(fact, process=draft.ocid, organisation=draft.buyer)
    if not rulebook.approvals.publication.needed(draft.value):
        await _publish(tx, keyholder, await tender(tx, tender_id), rulebook, approved_by="")


async def send_back(tx: Tx, tender_id: str, reason: str) -> None:
    """The second person wants something changed. Refused("not-submitted"), ("form-invalid") without a reason."""
    submitted, _now = await _locked(tx, tender_id)
    tx.actor.must(P.TENDER_APPROVE, of=submitted.buyer)
    fact = life.send_back(submitted, tx.actor.person, _reason(reason))
    await _set(tx, tender_id, state="draft", returned_reason=fact.reason)
    await tx.record(fact, process=submitted.ocid, organisation=submitted.buyer)


async def approve(tx: Tx, keyholder: Keyholder, tender_id: str) -> TenderPublished:
    """Publish, as the second person. See rules.life.must_be_approvable; ("unavailable", 503) without the keyholder."""
    submitted, _now = await _locked(tx, tender_id)
    tx.actor.must(P.TENDER_APPROVE, of=submitted.buyer)
    rulebook = await rulebooks.active(tx)
    if submitted.submitted_by and rulebook.approvals.publication.needed(submitted.value):
        await _must_be_another(tx, submitted.buyer, submitted.submitted_by, submitted.submitted_at)
    return await _publish(tx, keyholder, submitted, rulebook, approved_by=tx.actor.person)


async def _must_be_another(tx: Tx, buyer: str, drafter: str, at: datetime | None) -> None:
    """Refused("same-person"): the drafter, who acted at `at`, their deputy, or whoever they stood for."""
    await identity.must_be_two_people(tx, buyer, drafter, at, did=P.TENDER_DRAFT, does=P.TENDER_APPROVE)


async def propose_extension(tx: Tx, tender_id: str, deadline: datetime, reason: str) -> None:
    """Ask a second person for a later deadline. See rules.life.must_be_extendable; ("extension-waits")."""
    open_tender, now = await _locked(tx, tender_id)
    tx.actor.must(P.TENDER_DRAFT, of=open_tender.buyer)
    life.must_be_extendable(open_tender, deadline, now)
    if await waiting_extension(tx, tender_id):
        raise Refused("extension-waits", "A later deadline already waits for a second person.")
    asked_for = {"id": new_id(), "tender_id": tender_id, "deadline": deadline, "reason": _reason(reason)}
    tx.session.add(ExtensionRow(**asked_for, proposed_by=tx.actor.person, proposed_at=now))
    await tx.session.flush()


async def approve_extension(tx: Tx, keyholder: Keyholder, tender_id: str) -> None:
    """Move the deadline, as the second person. Refused("no-extension"), ("same-person"), ("tender-not-open"), and
    ("unavailable", 503) without the keyholder."""
    tx.actor.must(P.TENDER_APPROVE, of=(await tender(tx, tender_id)).buyer)
    await _must_wait(tx, tender_id)
    await keyholder.clocks()  # one that hangs is found here, where nobody who submits in the last seconds waits for it
    before, now = await _locked(tx, tender_id)
    extension = await _must_wait(tx, tender_id)
    await _must_be_another(tx, before.buyer, extension.proposed_by, extension.proposed_at)
    life.must_be_extendable(before, extension.deadline, now)
    times = timetable(await rulebook_of(tx, before), extension.deadline)
    await _move(tx, tender_id, before.revision + 1, times)
    bound = await bind(tx, keyholder, tender_id, times, two=before.two_envelopes)
    signed = {"keyholder_key": bound.key, "opening_keys": bound.signed}
    after = _hashed(msgspec.structs.replace(_timed(before, times, revision=before.revision + 1), **signed))
    fact = life.extended(before, after, extension, tx.actor.person)
    await _set(tx, tender_id, revision_hash=after.revision_hash, **msgspec.to_builtins(signed))
    await _keep_revision(tx, after, now)
    await _decide(tx, extension, approved=True, now=now)
    await tx.record(fact, process=after.ocid, organisation=after.buyer)
    await holders.postpone(tx, tender_id, times.opening_at)


async def decline_extension(tx: Tx, tender_id: str) -> None:
    """Leave the deadline as it is: the second person, or whoever proposed it. Refused("no-extension")."""
    found = await tender(tx, tender_id)
    approver = tx.actor.may(P.TENDER_APPROVE, of=found.buyer)
    tx.actor.must(P.TENDER_APPROVE if approver else P.TENDER_DRAFT, of=found.buyer)
    await lock_exclusive(tx, tender_id)
    extension = await _must_wait(tx, tender_id)
    if not approver and extension.proposed_by != tx.actor.person:
        raise Refused("not-permitted", "A colleague proposed this. An approver decides it.", status=403)
    await _decide(tx, extension, approved=False, now=await tx.clock())


async def waiting_extension(tx: Tx, tender_id: str) -> Extension | None:
    """The later deadline that waits for a second person, if one does."""
    row = await tx.session.scalar(
        select(ExtensionRow).where(ExtensionRow.tender_id == tender_id, ExtensionRow.decided_at.is_(None))
    )
    return None if row is None else as_extension(row)


async def extensions(tx: Tx, tender_id: str) -> list[Extension]:
    """The later deadlines that two people have set, the newest first; with their reasons they are public."""
    approved = select(ExtensionRow).where(ExtensionRow.tender_id == tender_id, ExtensionRow.approved.is_(True))
    rows = await tx.session.scalars(approved.order_by(ExtensionRow.deadline.desc()))
    return [as_extension(row) for row in rows]


async def cancel(tx: Tx, tender_id: str, reason: str) -> None:
    """End the procurement without award; bids stay sealed. See rules.life.cancel."""
    found, now = await _locked(tx, tender_id)
    tx.actor.must(P.TENDER_CANCEL, of=found.buyer)
    fact = life.cancel(found, tx.actor.person, _reason(reason))
    await _set(
        tx,
        tender_id,
        state="cancelled",
        cancelled_at=now,
        cancelled_by=tx.actor.person,
        cancel_reason=fact.reason,
    )
    await tx.record(fact, process=found.ocid, organisation=found.buyer)


async def _publish(
    tx: Tx, keyholder: Keyholder, submitted: Tender, rulebook: Rulebook, approved_by: str
) -> TenderPublished:
    """Freeze the rules and the key holders, bind the keyholder to the opening time, and make every word public."""
    now = tx.now
    await identity.must_not_be_merged(tx, submitted.buyer)
    chosen = await holders.roster(tx, submitted.id)
    times = life.must_be_approvable(submitted, rulebook, tx.actor.person, now, chosen)
    procedure = rulebook.procedures[submitted.procedure]
    await holders.freeze(tx, submitted.id, asked(rulebook, submitted.value), times.opening_at)
    bound = await bind(tx, keyholder, submitted.id, times, two=procedure.two_envelopes, first=True)
    frozen = msgspec.structs.replace(
        _timed(submitted, times, revision=1),
        state="open",
        rulebook=rulebook.id,
        rulebook_sha256=rulebook.sha256,
        procedure_rules=msgspec.to_builtins(procedure),
        seal_level=chosen.level if chosen else "S1",
        keyholder_recipient=bound.recipients[0],
        financial_recipient=bound.recipients[1] if procedure.two_envelopes else None,
        keyholder_key=bound.key,
        opening_keys=bound.signed,
        published_at=now,
        documents=tuple(msgspec.structs.replace(document, published_at=now) for document in submitted.documents),
    )
    public = _hashed(frozen)
    await _store_published(tx, public, now)
    fact = life.published(public, approved_by)
    await tx.record(fact, process=public.ocid, organisation=public.buyer)
    return fact


async def _store_published(tx: Tx, public: Tender, now: datetime) -> None:
    same = ("state", "revision", "revision_hash", "rulebook_sha256", "seal_level", "keyholder_recipient",
            "financial_recipient", "published_at", "question_deadline", "answer_deadline", "deadline",
            "opening_at", "keyholder_key")  # fmt: skip
    await _set(
        tx,
        public.id,
        **{name: getattr(public, name) for name in same},
        opening_keys=msgspec.to_builtins(public.opening_keys),
        rulebook_id=public.rulebook,
        procedure=public.procedure_rules,
        published_by=tx.actor.person,
    )
    await tx.session.execute(update(DocumentRow).where(DocumentRow.tender_id == public.id).values(published_at=now))
    await _keep_revision(tx, public, now)


async def _locked(tx: Tx, tender_id: str) -> tuple[Tender, datetime]:
    """The tender under the exclusive lock, and the legal time read after it."""
    await lock_exclusive(tx, tender_id)
    now = await tx.clock()
    return await tender(tx, tender_id), now


def as_extension(row: ExtensionRow) -> Extension:
    return Extension(
        id=row.id,
        tender=row.tender_id,
        deadline=row.deadline,
        reason=row.reason,
        proposed_by=row.proposed_by,
        proposed_at=row.proposed_at,
    )


async def _must_wait(tx: Tx, tender_id: str) -> Extension:
    extension = await waiting_extension(tx, tender_id)
    if extension is None:
        raise Refused("no-extension", "No later deadline waits for a decision.")
    return extension


async def _decide(tx: Tx, extension: Extension, *, approved: bool, now: datetime) -> None:
    await tx.session.execute(
        update(ExtensionRow)
        .where(ExtensionRow.id == extension.id)
        .values(decided_by=tx.actor.person, decided_at=now, approved=approved)
    )


async def _move(tx: Tx, tender_id: str, revision: int, times: Timetable) -> None:
    """The rules looked a moment ago; the database looks when it writes. Refused("tender-not-open") when the deadline
    passed in between."""
    try:
        await _set(tx, tender_id, revision=revision, **msgspec.structs.asdict(times))
    except IntegrityError:
        raise Refused("tender-not-open", "The deadline passed at this very moment, and is final.") from None


async def _keep_revision(tx: Tx, public: Tender, now: datetime) -> None:
    tx.session.add(
        RevisionRow(
            tender_id=public.id,
            revision=public.revision,
            sha256=public.revision_hash,
            content=life.content(public),
            published_at=now,
        )
    )
    await tx.session.flush()


async def _set(tx: Tx, tender_id: str, **values: object) -> None:
    await tx.session.execute(update(TenderRow).where(TenderRow.id == tender_id).values(**values))


def _timed(before: Tender, times: Timetable, *, revision: int) -> Tender:
    return msgspec.structs.replace(before, revision=revision, **msgspec.structs.asdict(times))


def _hashed(public: Tender) -> Tender:
    return msgspec.structs.replace(public, revision_hash=sha256_hex(life.content(public)))


def _reason(text: str) -> str:
    """A reason that says something. Refused("form-invalid")."""
    plain = text.strip()
    if not LEAST_REASON <= len(plain) <= MOST_REASON:
        raise invalid("Give the reason.", reason=f"Write the reason in {LEAST_REASON} to {MOST_REASON:,} characters.")
    return plain
