"""Whether a tender file says what the public record says: the tender, the keyholder, the key holders."""

import base64
import binascii
from collections.abc import Iterable, Iterator

from procurement.client.offline import Cannot
from procurement.client.offline.openness import must_be_open
from procurement.client.offline.tender_file import Evidence, Proven, TenderFile
from procurement.kernel.checkpoint import BadNote, Checkpoint, VerifierKey, open_checkpoint
from procurement.kernel.cosignature import Quorum
from procurement.kernel.entry import Record, entry_for, read_record
from procurement.kernel.merkle import leaf_hash, verify_inclusion
from procurement.kernel.refusal import Refused
from procurement.kernel.sealing.holder_key import holder_fingerprint
from procurement.kernel.sealing.opening_record import KEY, Told, Word, must_cover
from procurement.kernel.sealing.roster import Holder, Roster, check_all_signed, roster_hash

PUBLISHED, AMENDED = "TenderPublished", "DeadlineExtended"
FROZEN, ENROLLED, CONFIRMED, ENDED = "RosterFrozen", "KeyHolderEnrolled", "KeyHolderConfirmed", "KeyHolderEnded"
OF_TENDER = frozenset({PUBLISHED, AMENDED, FROZEN})
OF_HOLDERS = frozenset({ENROLLED, CONFIRMED, ENDED})
OF_KEYHOLDER = frozenset({KEY})
NOBODY = Quorum()


def prove(file: TenderFile, key: str = "", keyholder: str = "", witnesses: Quorum = NOBODY) -> list[str]:
    """What was checked, in words. `key` is the log's public key, kept from elsewhere; "" trusts the one in the file.
    `keyholder` is the keyholder's; "" trusts the one in the log. `witnesses` have to have cosigned that log.

    Raises Cannot where the file says anything else than the signed record.
    """
    said = _open_facts(file.evidence, key or file.evidence.key)
    checks = [
        f"{len(said)} entries stand in the log signed by {file.evidence.key.partition('+')[0]}, open to everybody"
    ]
    checks += _witnessed(file.evidence, witnesses)
    _tender(file, said)
    keys = "both keys that envelopes are sealed to" if file.financial_recipient else "the key that bids are sealed to"
    checks.append(f"revision, seal level {file.level} and {keys} are those in the record")
    if (word := _word(file, said, keyholder)).key:
        checks.append(word.in_words)
    if members := _members(file):
        _roster(file, members, said)
        checks.append(f"all {members.n} key holders signed the roster, and their keys are those in the record")
    return checks


def word(file: TenderFile, key: str = "", keyholder: str = "") -> Word:
    """The keyholder's word on what the file would seal to, by the same keys. Raises Cannot."""
    return _word(file, _open_facts(file.evidence, key or file.evidence.key), keyholder)


def _word(file: TenderFile, said: Iterable[Told], keyholder: str) -> Word:
    try:
        return must_cover(said, file.tender, file.opening_at, keyholder)
    except Refused as no:
        raise Cannot(f"{no.detail} ({no.code})", code=no.code) from None


def _witnessed(evidence: Evidence, witnesses: Quorum) -> list[str]:
    """In words, where any are asked for."""
    try:
        witnesses.must_have_cosigned(evidence.checkpoint)
    except Refused as no:
        raise Cannot(f"{no.detail} To try again is to fetch the tender again. ({no.code})", code=no.code) from None
    enough = f"as many witnesses as you ask for cosigned that log: {witnesses.needed}"
    return [enough] if witnesses.needed else []


def _open_facts(evidence: Evidence, key: str) -> list[Told]:
    """The facts, once it is known too that everybody can read them."""
    said = list(_facts(evidence, key))
    must_be_open(evidence.entries)
    return said


def _facts(evidence: Evidence, key: str) -> Iterator[Told]:
    """The fact of each entry, once it is known to stand in the signed log, and in the log's order."""
    try:
        trusted = VerifierKey.parse(key)
        checkpoint = open_checkpoint(evidence.checkpoint, trusted, trusted.name)
    except BadNote as wrong:
        raise Cannot(f"The record in this file is not signed by the log's key: {wrong}.") from None
    before = -1
    for one in evidence.entries:
        record = _placed(checkpoint, one)
        if one.index <= before:
            raise Cannot(f"Entry {one.index} in this file is not in the order of the log.")
        before = one.index
        yield Told(one.index, record.type, record.fact)


def _placed(checkpoint: Checkpoint, one: Proven) -> Record:
    try:
        leaf = leaf_hash(entry_for(bytes.fromhex(one.salt), one.record.encode(), at_once=one.open))
        steps = [base64.b64decode(step, validate=True) for step in one.path]
        read = read_record(one.record.encode())
    except (ValueError, binascii.Error) as wrong:
        raise Cannot(f"Entry {one.index} in this file is malformed: {wrong}.") from None
    if not verify_inclusion(one.index, checkpoint.size, leaf, steps, checkpoint.root):
        raise Cannot(f"Entry {one.index} in this file does not stand in the signed log.")
    return read


def _of(said: list[Told], type_: str, **named: str) -> list[Told]:
    """The facts of a type whose fields are those `named`."""
    return [one for one in said if one.type == type_ and named.items() <= one.fact.items()]


def _tender(file: TenderFile, said: list[Told]) -> None:
    publications = _of(said, PUBLISHED, tender=file.tender)
    if len(publications) != 1:
        found = "more than one" if publications else "no"
        raise Cannot(f"The record in this file has {found} publication of this tender.")
    published = publications[0].fact
    sealed_to = published["recipient"], published.get("financial_recipient", ""), published["seal_level"]
    if sealed_to != (file.recipient, file.financial_recipient, file.level):
        raise Cannot("The key that this file would seal to is not the one that was published. Do not use this file.")
    revisions = [*publications, *_of(said, AMENDED, tender=file.tender)]
    if max(revisions, key=lambda one: int(one.fact["revision"])).fact["revision_hash"] != file.revision:
        raise Cannot("This file is of another revision of the tender than the record in it. Fetch it again.")


def _members(file: TenderFile) -> Roster | None:
    members = file.members
    if (members is None) != (file.level == "S1"):
        raise Cannot(f"At seal level {file.level} this file has to {'have no' if members else 'name the'} key holders.")
    if members and (members.tender, members.level) != (file.tender, file.level):
        raise Cannot("The key holders in this file are those of another tender.")
    return members


def _roster(file: TenderFile, members: Roster, said: list[Told]) -> None:
    """Signed by all, frozen in the record as it is here, each key enrolled and confirmed there before."""
    try:
        check_all_signed(members, file.signatures)
    except Refused as no:
        raise Cannot(f"The key holders' roster does not hold: {no.detail}") from None
    frozen = _of(said, FROZEN, tender=file.tender)
    if [one.fact["roster"] for one in frozen] != [roster_hash(members)]:
        raise Cannot("The key holders in this file are not those in the record. Do not use this file.")
    for holder in members.holders:
        _must_be_confirmed(holder, said, frozen[0].index)


def _must_be_confirmed(holder: Holder, said: list[Told], frozen: int) -> None:
    """One enrolment of that id, of this very key, whose fingerprint a second person confirmed, and no end of it."""
    enrolled, before = _of(said, ENROLLED, holder=holder.id), [one for one in said if one.index < frozen]
    if len(enrolled) != 1 or (enrolled[0].fact["age"], enrolled[0].fact["sign"]) != (holder.age, holder.sign):
        raise Cannot(f"The key of {holder.office} is not the one in the record. Do not use this file.")
    mark = holder_fingerprint(holder.id, holder.age, holder.sign)
    confirmed = _of(before, CONFIRMED, holder=holder.id)
    marks = {one.fact["fingerprint"] for one in [*enrolled, *confirmed]}
    if marks != {mark} or not confirmed or enrolled[0].index > frozen:
        raise Cannot(f"The key of {holder.office} was not confirmed by a second person.")
    if _of(before, ENDED, holder=holder.id):
        raise Cannot(f"The key of {holder.office} had ended before the tender was published. Do not use this file.")
