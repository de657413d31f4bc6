"""When the keyholder acts, and when it does not. Pure: what is known and the clock come as arguments."""

from collections.abc import Collection, Sequence
from datetime import UTC, datetime, timedelta

import msgspec

from procurement.kernel import merkle
from procurement.kernel.checkpoint import BadNote, VerifierKey, open_checkpoint, open_note
from procurement.kernel.cosignature import WitnessKey, cosigners
from procurement.kernel.entry import REPEATED, Record, entry_for, read_record
from procurement.kernel.refusal import Refused
from procurement.kernel.sealing import Envelope, SealedShare, closing_root
from procurement.keyholder.protocol import Evidence, Opening

ASSERTION_LIFE = timedelta(hours=24)  # a request for opening that nobody confirmed by then is asked again
MOST_FAILURES = 5  # wrong codes in a row, then
PAUSE = timedelta(minutes=5)  # no code of that person is looked at
ENDING_STANDS = timedelta(days=30)  # in the public record, for whoever objects, before a key is destroyed
FARTHEST = timedelta(days=2 * 366)  # from now: whoever asks for later times could keep bids closed without an end
CLOCK_STATEMENT = "sandbox-clock/v1"


class Assertion(msgspec.Struct, frozen=True):
    """One person's verified code for the closing of an opening."""

    person: str
    at: datetime


class Ended(msgspec.Struct, frozen=True):
    """What the keyholder reads of the facts that end a tender's keys."""

    tender: str


class Closing(msgspec.Struct, frozen=True):
    """What the keyholder reads of the fact TenderClosed; other fields are not its business."""

    tender: str
    deadline: datetime
    bids: int
    root: str


class Decision(msgspec.Struct, frozen=True):
    """What the keyholder reads of the fact TechnicalDecided: the leaf hash of the closing, and the digests of the
    financial envelopes of those who passed."""

    tender: str
    closing: str
    passed: tuple[str, ...]


def leaf_of(evidence: Evidence) -> str:
    """The leaf hash of a fact in the ledger, in hex: of the closing, or for financial envelopes of the technical
    decision. It is what officers assert and what is granted once."""
    entry = entry_for(bytes.fromhex(evidence.salt), evidence.record.encode(), at_once=evidence.open)
    return merkle.leaf_hash(entry).hex()


def must_be_time(now: datetime, not_before: datetime) -> None:
    """Refused("too-early") before the bound time."""
    if now < not_before:
        raise Refused("too-early", f"The keyholder releases nothing before {not_before.isoformat()}.")


def must_not_be_earlier(bound: datetime, asked: datetime) -> None:
    """Refused("opening-time-earlier"): a bound time only ever moves later."""
    if asked < bound:
        raise Refused("opening-time-earlier", f"The opening is bound to {bound.isoformat()} and can only move later.")


def must_lie_ahead(now: datetime, asked: datetime) -> None:
    """Refused("opening-time-past", 422): no key is made for bids that could be opened at once."""
    if asked <= now:
        raise Refused("opening-time-past", "The opening has to lie ahead when its key is made.", status=422)


def must_be_near(now: datetime, asked: datetime) -> None:
    """Refused("opening-time-too-far", 422): a bound time lies at most two years ahead."""
    if asked > now + FARTHEST:
        raise Refused("opening-time-too-far", "An opening lies at most two years ahead.", status=422)


def must_be_in_ledger(evidence: Evidence, verifier: VerifierKey, origin: str) -> None:
    """Refused("closing-unproven", 422) unless a checkpoint signed by the pinned key includes the record."""
    try:
        checkpoint = open_checkpoint(evidence.checkpoint, verifier, origin)
    except BadNote as wrong:
        raise Refused("closing-unproven", f"The checkpoint is not the pinned ledger's: {wrong}.", status=422) from None
    path = [bytes.fromhex(sibling) for sibling in evidence.proof]
    leaf = bytes.fromhex(leaf_of(evidence))
    if not merkle.verify_inclusion(evidence.index, checkpoint.size, leaf, path, checkpoint.root):
        raise Refused("closing-unproven", "The closing is not in the ledger at that place.", status=422)


def must_be_witnessed(evidence: Evidence, witnesses: Sequence[WitnessKey], needed: int) -> None:
    """Refused("closing-unwitnessed") unless `needed` of the pinned witnesses cosigned the checkpoint: then nobody was
    ever shown another history than the keyholder is. A wrong cosignature counts as none."""
    found = len(cosigners(evidence.checkpoint, witnesses))
    if found < needed:
        raise Refused(
            "closing-unwitnessed",
            f"{found} of the {needed} witnesses that the keyholder asks for have cosigned the record of this. "
            "It goes on when they have.",
        )


def must_be_open(evidence: Evidence) -> None:
    """Refused("evidence-hidden", 422) for an entry that is not open: nobody but the keyholder may have seen its record.
    A closing is hidden from everybody until the opening, so it is not asked for that."""
    if not evidence.open:
        raise Refused("evidence-hidden", "This record is not in an entry that everybody can read.", status=422)


def must_close(evidence: Evidence, opening: Opening, digests: Sequence[str], now: datetime) -> None:
    """Refused("closing-differs", 422) unless the record closes this tender with exactly these bids, and ("too-early")
    before the deadline that it names."""
    try:
        record = read_record(evidence.record.encode())
        closing = msgspec.convert(record.fact, Closing)
    except ValueError:  # also for a record in another spelling than its canonical one
        raise Refused("closing-differs", "The record is not the closing of a tender.", status=422) from None
    if record.type != "TenderClosed" or closing.tender != opening.tender:
        raise Refused("closing-differs", "The record is not the closing of this tender.", status=422)
    if len(set(digests)) != len(digests) or (closing.bids, closing.root) != closing_root(digests):
        raise Refused("closing-differs", "These are not exactly the bids that the closing fixed.", status=422)
    must_be_time(now, closing.deadline)


def must_have_passed(
    evidence: Evidence, opening: Opening, digests: Sequence[str], technical: str | None, fixed: Collection[str]
) -> None:
    """The record decides, for the closing whose technical envelopes were released (leaf hash `technical`), that exactly
    these financial envelopes may be opened; `fixed` is every digest of that closing.

    Refused("technical-sealed") while no technical envelope was released; ("evidence-hidden", 422); ("decision-differs",
    422) for anything else than the technical decision of this tender and closing, or for other envelopes than those it
    names.
    """
    if technical is None:
        raise Refused("technical-sealed", "The technical envelopes of this tender have to be opened first.")
    try:
        record = _said_in(evidence, "TechnicalDecided", opening.tender)
        decision = msgspec.convert(record.fact, Decision)
    except ValueError:  # also for a record in another spelling than its canonical one
        raise Refused("decision-differs", "The record is not a technical decision.", status=422) from None
    if (record.type, decision.tender, decision.closing) != ("TechnicalDecided", opening.tender, technical):
        raise Refused("decision-differs", "The record is not the technical decision of this closing.", status=422)
    if len(set(digests)) != len(digests) or set(digests) != set(decision.passed):
        raise Refused("decision-differs", "These are not exactly the envelopes of those who passed.", status=422)
    if not set(digests) <= set(fixed):
        raise Refused("decision-differs", "The decision names an envelope that closing did not fix.", status=422)
    must_be_open(evidence)


def must_be_two(assertions: Sequence[Assertion], now: datetime) -> None:
    """Refused("two-persons-needed", 403) unless two different persons asserted this within a day."""
    fresh = {one.person for one in assertions if now - one.at <= ASSERTION_LIFE}
    if len(fresh) < 2:
        raise Refused("two-persons-needed", "Two different persons have to give their key codes.", status=403)


def must_be_unused(used_for: tuple[str, str | None] | None, wanted: tuple[str, str]) -> None:
    """Refused("code-used", 403): a code serves once, for one closing (leaf hash) of one opening; for the same again it
    changes nothing."""
    if used_for is not None and used_for != wanted:
        raise Refused("code-used", "This code was already used. Wait for the next one.", status=403)


def must_not_be_guessing(failures: int, last: datetime | None, now: datetime) -> None:
    """Refused("too-many", 429) for five minutes after five wrong codes in a row."""
    if last is not None and failures >= MOST_FAILURES and now - last < PAUSE:
        raise Refused("too-many", "Too many wrong codes. Wait five minutes, then try again.", status=429)


def must_belong(envelope: Envelope, opening: Opening) -> None:
    """Refused("envelope-misplaced", 422) for an envelope of another tender, lot group, kind or round; an opening of no
    lot group is of all of them together."""
    lot_group = envelope.lot_group if opening.lot_group else ""
    said = Opening(envelope.tender, lot_group, envelope.kind, envelope.round)
    if said != opening:
        raise Refused("envelope-misplaced", "This envelope belongs to another opening.", status=422)


def must_be_as_many(envelope: Envelope, shares: Sequence[SealedShare]) -> None:
    """Refused("dealing-inconsistent", 422) for another number of shares than it says, or two of a member."""
    if len(shares) != envelope.n or len({share.member for share in shares}) != envelope.n:
        raise Refused("dealing-inconsistent", "There is not one share for each key holder in this bid.", status=422)


def must_end(evidence: Evidence, opening: Opening, released: bool) -> datetime:
    """The moment that the record names, when it ends this opening's key; it is known to be in the ledger.

    Of a tender whose bids were released, SealKeysEnded says so, for financial envelopes too, of which those of bidders
    who failed never are; of one that was never opened only its cancellation, so that no bid which may still be opened
    is ever lost. Refused("ending-differs", 422), ("evidence-hidden", 422).
    """
    type_ = "SealKeysEnded" if released else "TenderCancelled"
    try:
        record = _said_in(evidence, type_, opening.tender)
        ended = msgspec.convert(record.fact, Ended)
        at = datetime.fromisoformat(record.at).astimezone(UTC)
    except ValueError:  # also for a record in another spelling than its canonical one
        raise Refused("ending-differs", "The record is not the end of a tender.", status=422) from None
    if (record.type, ended.tender) != (type_, opening.tender):
        raise Refused("ending-differs", "The record does not end the keys of this tender.", status=422)
    must_be_open(evidence)
    return at


def must_have_stood(since: datetime, now: datetime) -> None:
    """Refused("ending-too-young") until an end has stood in the public record for thirty days."""
    if now < since + ENDING_STANDS:
        raise Refused("ending-too-young", f"Keys are destroyed from {(since + ENDING_STANDS).isoformat()} on.")


def new_offset(note: str, verifier: VerifierKey, origin: str, current: timedelta | None) -> timedelta:
    """The sandbox clock offset that the ledger key signed. The first may be negative; then only forward.

    Refused("clock-unsigned", 422), ("clock-backwards").
    """
    try:
        kind, of, seconds, end = open_note(note, verifier).split("\n")
        offset = timedelta(seconds=int(seconds))
    except (BadNote, ValueError, OverflowError):
        raise Refused("clock-unsigned", "The clock moves only by the ledger key's word.", status=422) from None
    if (kind, of, end) != (CLOCK_STATEMENT, origin, ""):
        raise Refused("clock-unsigned", "This note does not move this clock.", status=422)
    if current is not None and offset < current:
        raise Refused("clock-backwards", "Legal time only moves forward.")
    return offset


def clock_statement(origin: str, offset: timedelta) -> str:
    """The text that the ledger key signs to move a sandbox's clock to `offset` (whole seconds)."""
    return f"{CLOCK_STATEMENT}\n{origin}\n{offset // timedelta(seconds=1)}\n"


def _said_in(evidence: Evidence, type_: str, tender: str) -> Record:
    """The record; of a RecordsRepeated the one that it repeats of that type and tender, where there is one. Raises
    ValueError."""
    record = read_record(evidence.record.encode())
    repeated = record.fact["records"] if record.type == REPEATED else ()
    said = [read_record(one["record"].encode()) for one in repeated]
    return next((one for one in said if (one.type, one.fact.get("tender")) == (type_, tender)), record)
