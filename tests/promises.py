"""What a dishonest service could show of the keyholder's word, and what every client has to make of it: bidders' before
they seal, key holders' before they give a share, verifiers and monitors.

Each case is (its name, facts in the log, the opening time that is shown, what comes of it): "covered", "unsigned" (let
pass in words: published before the keyholder signed) or "wrong". `pinned` are such cases for who knows the keyholder's
key, `times` say until when a word keeps bids closed.
"""

from collections.abc import Collection, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from procurement.kernel import merkle
from procurement.kernel.checkpoint import Checkpoint, SignerKey
from procurement.kernel.cosignature import CosignerKey
from procurement.kernel.entry import entry_for, record_bytes
from procurement.kernel.sealing import new_identity
from procurement.kernel.sealing.opening_key import Opening, opening_key, sign_opening_key
from procurement.kernel.sealing.opening_record import Told
from procurement.keyholder.protocol import Evidence

Case = tuple[str, list[Told], datetime, str]

TENDER, OTHER = "2026-0418", "2026-0001"
OPENS = datetime(2026, 11, 30, 21, tzinfo=UTC)
LATER, NEARER = OPENS + timedelta(days=30), OPENS - timedelta(microseconds=1)
HONEST, FALSE = SignerKey("keyholder", b"h" * 32), SignerKey("keyholder", b"f" * 32)
(_, MADE), (_, SECOND), (_, OWN) = new_identity(), new_identity(), new_identity()


def word(at: datetime, recipient: str = MADE, by: SignerKey = HONEST, tender: str = TENDER, **of: Any) -> Any:
    """A statement as it stands in a fact."""
    said = sign_opening_key(by.private, opening_key(Opening(tender, **of), recipient, at))
    return msgspec.to_builtins(said)


def key(index: int, by: SignerKey = HONEST, purpose: str = "keyholder") -> Told:
    return Told(index, "KeyPublished", {"purpose": purpose, "verifier": str(by.verifier)})


def published(index: int, at: datetime, *words: Any, recipient: str = MADE, tender: str = TENDER, **more: Any) -> Told:
    fact = {"tender": tender, "recipient": recipient, "opening_at": at, "opening_keys": list(words), **more}
    return Told(index, "TenderPublished", msgspec.to_builtins(fact))


def extended(index: int, at: datetime, *words: Any, tender: str = TENDER) -> Told:
    fact = {"tender": tender, "opening_at": at, "opening_keys": list(words)}
    return Told(index, "DeadlineExtended", msgspec.to_builtins(fact))


def old(index: int, type_: str = "TenderPublished") -> Told:
    """Of before keyholders signed."""
    return Told(index, type_, msgspec.to_builtins({"tender": TENDER, "recipient": MADE, "opening_at": OPENS}))


def told_of(tender: str, at: datetime) -> list[Told]:
    """What the record says of an honest tender: the keyholder's key, and its publication with the word."""
    return [key(1), published(2, at, word(at, tender=tender), tender=tender)]


def shown(
    told: Sequence[Told], log: SignerKey, cosigners: Sequence[CosignerKey] = (), hidden: Collection[str] = ()
) -> list[Evidence]:
    """The facts at their places in a log of their own; in open entries, but for those of types `hidden`."""
    at = {one.index: record_bytes(one.type, OPENS, "ocds-1", "somebody", "city", one.fact) for one in told}
    open_ = {one.index: one.type not in hidden for one in told}
    salts = {index: bytes([index]) * 32 for index in at}
    leaves = [merkle.leaf_hash(bytes(32)) for _ in range(max(at) + 1)]
    for index, record in at.items():
        leaves[index] = merkle.leaf_hash(entry_for(salts[index], record, at_once=open_[index]))
    text = Checkpoint(log.verifier.name, len(leaves), merkle.root(leaves)).text()
    note = log.sign(text) + "".join(one.cosign(text, OPENS) for one in cosigners)
    return [
        Evidence(record=record.decode(), salt=salts[index].hex(), index=index, checkpoint=note, open=open_[index],
                 proof=_path(index, leaves)) for index, record in at.items()
    ]  # fmt: skip


def _path(index: int, leaves: list[bytes]) -> tuple[str, ...]:
    return tuple(one.hex() for one in merkle.inclusion_proof(index, len(leaves), merkle.of_leaves(leaves)))


def pinned() -> Iterator[Case]:
    """For who knows that the keyholder's key is `HONEST`."""
    forged = published(2, OPENS, word(OPENS, by=FALSE))
    yield "its key, whatever the log names", [key(1, FALSE), published(2, OPENS, word(OPENS))], OPENS, "covered"
    yield "its key, where the log names none", [published(2, OPENS, word(OPENS))], OPENS, "covered"
    yield "another key in the log", [key(1, FALSE), forged], OPENS, "wrong"
    yield "of before it signed", [old(2)], OPENS, "wrong"


def times() -> Iterator[tuple[str, list[Told], datetime]]:
    """(its name, facts, until when bids are kept closed)."""
    first = published(2, OPENS, word(OPENS))
    yield "the published time", [key(1), first], OPENS
    yield "a later one that was bound", [key(1), published(2, OPENS, word(LATER))], LATER
    yield "an extension", [key(1), first, extended(3, LATER, word(LATER))], LATER
    yield "of before it signed", [old(2)], OPENS
    two = [word(OPENS, kind="technical"), word(LATER, SECOND, kind="financial")]
    yield "the later of two", [key(1), published(2, OPENS, *two, financial_recipient=SECOND)], LATER


def cases() -> Iterator[Case]:
    yield from _honest()
    yield from _at_publication()
    yield from _later()
    yield from _altered()


def _honest() -> Iterator[Case]:
    first = published(2, OPENS, word(OPENS))
    yield "the honest word", [key(1), first], OPENS, "covered"
    yield "a later bound time than published", [key(1), published(2, OPENS, word(LATER))], OPENS, "covered"
    yield "told in another order", [first, key(1)], OPENS, "covered"
    yield "after an extension", [key(1), first, extended(3, LATER, word(LATER))], LATER, "covered"
    yield "of before keyholders signed", [old(2)], OPENS, "unsigned"
    yield "of before, extended before", [old(2), old(3, "DeadlineExtended")], OPENS, "unsigned"
    yield "of before, extended since", [old(2), key(3), extended(4, LATER, word(LATER))], LATER, "covered"
    yield "of before, and its key is named since", [old(2), key(3)], OPENS, "unsigned"
    two = [word(OPENS, kind="technical"), word(OPENS, SECOND, kind="financial")]
    both = published(2, OPENS, *two, financial_recipient=SECOND)
    yield "two envelopes", [key(1), both], OPENS, "covered"
    yield "two envelopes, one word", [key(1), published(2, OPENS, two[0], financial_recipient=SECOND)], OPENS, "wrong"
    crossed = [word(OPENS, SECOND, kind="technical"), word(OPENS, kind="financial")]
    yield "two envelopes, crossed", [key(1), published(2, OPENS, *crossed, financial_recipient=SECOND)], OPENS, "wrong"
    single = [two[0], word(OPENS, SECOND)]
    yield "a word on a single one", [key(1), published(2, OPENS, *single, financial_recipient=SECOND)], OPENS, "wrong"


def _at_publication() -> Iterator[Case]:
    near, first = published(2, OPENS, word(NEARER)), published(2, OPENS, word(OPENS))
    yield "bound to a nearer time", [key(1), near], OPENS, "wrong"
    yield "shown later than recorded", [key(1), first], LATER, "wrong"
    yield "shown nearer than recorded, and bound so", [key(1), near], NEARER, "wrong"
    yield "a key of the service's own", [key(1), published(2, OPENS, word(OPENS), recipient=OWN)], OPENS, "wrong"
    forged = published(2, OPENS, word(OPENS, OWN, by=FALSE), recipient=OWN)
    yield "signed by the service", [key(1), forged], OPENS, "wrong"
    yield "signed by a keyholder named afterwards", [key(1), forged, key(3, FALSE)], OPENS, "wrong"
    yield "signed by a key named for something else", [key(1, FALSE, "receipts"), forged], OPENS, "wrong"
    yield "no keyholder is named", [first], OPENS, "wrong"
    yield "no word, though it signs", [key(1), published(2, OPENS)], OPENS, "wrong"
    yield "the word of another tender", [key(1), published(2, OPENS, word(OPENS, tender=OTHER))], OPENS, "wrong"
    yield "the word of another round", [key(1), published(2, OPENS, word(OPENS, round=2))], OPENS, "wrong"
    yield "the word of another lot", [key(1), published(2, OPENS, word(OPENS, lot_group="1"))], OPENS, "wrong"
    yield "the word twice", [key(1), published(2, OPENS, word(OPENS), word(OPENS))], OPENS, "wrong"
    yield "another tender's publication", [key(1), published(2, OPENS, word(OPENS), tender=OTHER)], OPENS, "wrong"


def _later() -> Iterator[Case]:
    first = published(2, OPENS, word(OPENS))
    yield "extended without a word", [key(1), first, extended(3, LATER)], LATER, "wrong"
    yield "extended with the word of before", [key(1), first, extended(3, LATER, word(OPENS))], LATER, "wrong"
    middle = extended(3, LATER, word(LATER))
    stale = extended(4, LATER + timedelta(days=9), word(LATER))
    yield "extended again with the earlier extension's word", [key(1), first, middle, stale], LATER, "wrong"
    yield "the extension is kept back, its time shown", [key(1), first], LATER, "wrong"
    swapped = extended(3, LATER, word(LATER, OWN))
    yield "another key with an extension", [key(1), first, swapped], LATER, "wrong"
    yield "an extension alone", [key(1), extended(3, LATER, word(LATER))], LATER, "wrong"
    yield "of before, extended since without a word", [old(2), key(3), old(4, "DeadlineExtended")], OPENS, "wrong"


def _altered() -> Iterator[Case]:
    true = word(OPENS)

    def shown(**changes: Any) -> list[Told]:
        return [key(1), published(2, OPENS, {**true, **changes})]

    dated = {**true["statement"], "not_before": "2027-01-01T00:00:00.000000Z"}
    yield "another time under the signature", shown(statement=dated), OPENS, "wrong"
    yield "a field more", shown(statement={**true["statement"], "note": ""}), OPENS, "wrong"
    yield "a field more beside it", shown(note=""), OPENS, "wrong"
    yield "another type", shown(statement={**true["statement"], "type": "opening-key/v2"}), OPENS, "wrong"
    yield "a field less", shown(statement={**true["statement"], "opening": {"tender": TENDER}}), OPENS, "wrong"
    yield "no signature", shown(signature=""), OPENS, "wrong"
    yield "what is not base64", shown(signature="ä" * 88), OPENS, "wrong"
    other = {"purpose": "keyholder", "verifier": str(HONEST.verifier).replace("keyholder", "keyh0lder")}
    yield "a key under another name", [Told(1, "KeyPublished", other), *shown()[1:]], OPENS, "wrong"
