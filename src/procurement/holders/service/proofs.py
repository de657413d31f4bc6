"""Proving that a key is still there: a fresh challenge each time, answered by the holder's own device."""

import hmac

import msgspec
from sqlalchemy import select

from procurement.holders.rules import keys as rules
from procurement.holders.rules.facts import PossessionProved
from procurement.holders.rules.model import Holder, State
from procurement.holders.rules.proofs import CHALLENGE
from procurement.holders.service import store
from procurement.holders.service.keys import must_own
from procurement.holders.tables import ChallengeRow, SeatRow
from procurement.infra.tx import Tx
from procurement.kernel.ids import new_id
from procurement.kernel.permissions import P
from procurement.kernel.refusal import Refused, unknown
from procurement.kernel.sealing import possession


class Challenge(msgspec.Struct, frozen=True, kw_only=True):
    """`sealed` is an age file to the holder's key; `subject` the tender that it is for, "" for none."""

    id: str
    holder: Holder
    subject: str
    sealed: bytes
    answered: bool


async def ask(tx: Tx, subject: str = "") -> Challenge:
    """A fresh challenge for one's own key, to be answered within a day. `subject` is a tender in whose roster it
    stands. Refused("key-holder-unknown", 404), ("not-in-roster", 404)."""
    held = await must_own(tx)
    if subject and not await tx.session.scalar(
        select(SeatRow.place).where(SeatRow.subject == subject, SeatRow.holder_id == held.id)
    ):
        raise Refused("not-in-roster", "You are not among the key holders of this tender.", status=404)
    made = possession.new_challenge(subject, held.id)
    row = ChallengeRow(
        id=new_id(),
        holder_id=held.id,
        subject=subject,
        sealed=possession.seal_challenge(made, held.age),
        answer=possession.expected_answer(made),
        asked_at=tx.now,
    )
    tx.session.add(row)
    await tx.session.flush()
    return _challenge(row, held)


async def challenge(tx: Tx, challenge_id: str) -> Challenge:
    """One's own. Refused("challenge-unknown", 404)."""
    held = await must_own(tx)
    return _challenge(await _own(tx, held, challenge_id), held)


async def answer(tx: Tx, challenge_id: str, given: str) -> None:
    """The SHA-256 (hex) of what only the key could read. The first proof of a key makes it public.

    Refused("challenge-unknown", 404), ("challenge-over") a day later or when it was answered, ("answer-wrong", 422).
    """
    held = await must_own(tx)
    tx.actor.must(P.HOLDER_KEEP, of=tx.actor.organisation)
    await _own(tx, held, challenge_id)
    row = await store.lock_holder(tx, held.id)
    asked = await _own(tx, held, challenge_id)
    now = await tx.clock()
    if asked.answered_at is not None or now - asked.asked_at > CHALLENGE:
        raise Refused("challenge-over", "This challenge is answered, or older than a day. Begin again.")
    if not hmac.compare_digest(given.strip().lower().encode(), asked.answer.encode()):
        raise Refused(
            "answer-wrong",
            "That is not the answer. Choose the key file that you made for this office, and its passphrase.",
            status=422,
            fields={"answer": "Paste the 64 figures that `procurement holder answer` printed."},
        )
    before = store.holder(row)
    rules.must_not_be_ended(before)
    asked.answered_at = row.proved_at = now
    if before.state is State.UNPROVED:
        await tx.record(rules.enrolled(store.holder(row)), organisation=row.organisation)
    fact = PossessionProved(holder=held.id, tender=asked.subject, challenge=asked.id)
    await tx.record(fact, organisation=row.organisation)


async def _own(tx: Tx, held: Holder, challenge_id: str) -> ChallengeRow:
    row = await tx.session.scalar(
        select(ChallengeRow).where(ChallengeRow.id == challenge_id).execution_options(populate_existing=True)
    )
    if row is None or row.holder_id != held.id:
        raise unknown("challenge")
    return row


def _challenge(row: ChallengeRow, held: Holder) -> Challenge:
    return Challenge(
        id=row.id, holder=held, subject=row.subject, sealed=row.sealed, answered=row.answered_at is not None
    )
