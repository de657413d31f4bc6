"""Whether a tender file says what the public record says: the tender, the keyholder, the key holders."""

import base64
import binascii
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from procurement.client.offline import Cannot
from procurement.client.offline.tender_file import Evidence, TenderFile
from procurement.kernel.checkpoint import BadNote, Checkpoint, VerifierKey, open_checkpoint
from procurement.kernel.entry import Record, entry_hash
from procurement.kernel.merkle import leaf_hash, verify_inclusion
from procurement.kernel.refusal import Refused
from procurement.kernel.sealing.roster import Roster, check_all_signed, roster_hash

PUBLISHED, AMENDED = "TenderPublished", "DeadlineExtended"
FROZEN, ENROLLED, CONFIRMED = "RosterFrozen", "KeyHolderEnrolled", "KeyHolderConfirmed"
OF_TENDER = frozenset({PUBLISHED, AMENDED, FROZEN})
OF_HOLDERS = frozenset({ENROLLED, CONFIRMED})

Fact = dict[str, Any]


def prove(file: TenderFile, key: str = "") -> list[str]:
    """What was checked, in words. `key` is the log's public key, kept from elsewhere; "" trusts the one in the file.

    Raises Cannot where the file says anything else than the signed record.
    """
    said = list(_facts(file.evidence, key or file.evidence.key))
    checks = [f"{len(said)} entries stand in the log signed by {file.evidence.key.partition('+')[0]}"]
    _tender(file, [fact for type_, fact in said if type_ in OF_TENDER and fact.get("tender") == file.tender], said)
    checks.append(f"revision, seal level {file.level} and the key that bids are sealed to are those in the record")
    if members := _members(file):
        _roster(file, members, said)
        checks.append(f"all {members.n} key holders signed the roster, and their keys are those in the record")
    return checks


def _facts(evidence: Evidence, key: str) -> Iterator[tuple[str, Fact]]:
    """The type and fact of each entry, once it is known to stand in the signed log."""
    try:
        trusted = VerifierKey.parse(key)
        checkpoint = open_checkpoint(evidence.checkpoint, trusted, trusted.name)
    except BadNote as wrong:
        raise Cannot(f"The record in this file is not signed by the log's key: {wrong}.") from None
    for one in evidence.entries:
        record = _placed(checkpoint, one.index, one.salt, one.record, one.path)
        yield record.type, record.fact


def _placed(checkpoint: Checkpoint, index: int, salt: str, record: str, path: Iterable[str]) -> Record:
    try:
        leaf = leaf_hash(entry_hash(bytes.fromhex(salt), record.encode()))
        steps = [base64.b64decode(step, validate=True) for step in path]
        read = msgspec.json.decode(record, type=Record)
    except (ValueError, binascii.Error) as wrong:
        raise Cannot(f"Entry {index} in this file is malformed: {wrong}.") from None
    if not verify_inclusion(index, checkpoint.size, leaf, steps, checkpoint.root):
        raise Cannot(f"Entry {index} in this file does not stand in the signed log.")
    return read


def _tender(file: TenderFile, facts: list[Fact], said: list[tuple[str, Fact]]) -> None:
    published = next((fact for type_, fact in said if type_ == PUBLISHED and fact["tender"] == file.tender), None)
    if published is None:
        raise Cannot("The record in this file has no publication of this tender.")
    if (published["recipient"], published["seal_level"]) != (file.recipient, file.level):
        raise Cannot("The key that this file would seal to is not the one that was published. Do not use this file.")
    newest = max((fact for fact in facts if "revision_hash" in fact), key=lambda fact: int(fact["revision"]))
    if newest["revision_hash"] != file.revision:
        raise Cannot("This file is of another revision of the tender than the record in it. Fetch it again.")


def _members(file: TenderFile) -> Roster | None:
    members = file.members
    if (members is None) != (file.level == "S1"):
        raise Cannot(f"At seal level {file.level} this file has to {'have no' if members else 'name the'} key holders.")
    if members and (members.tender, members.level) != (file.tender, file.level):
        raise Cannot("The key holders in this file are those of another tender.")
    return members


def _roster(file: TenderFile, members: Roster, said: list[tuple[str, Fact]]) -> None:
    """Signed by all, frozen in the record as it is here, each key enrolled and confirmed there."""
    try:
        check_all_signed(members, file.signatures)
    except Refused as no:
        raise Cannot(f"The key holders' roster does not hold: {no.detail}") from None
    frozen = [fact for type_, fact in said if type_ == FROZEN and fact["tender"] == file.tender]
    if [fact["roster"] for fact in frozen] != [roster_hash(members)]:
        raise Cannot("The key holders in this file are not those in the record. Do not use this file.")
    enrolled = {fact["holder"]: fact for type_, fact in said if type_ == ENROLLED}
    confirmed = {fact["holder"]: fact["fingerprint"] for type_, fact in said if type_ == CONFIRMED}
    for holder in members.holders:
        fact = enrolled.get(holder.id, {})
        if (fact.get("age"), fact.get("sign")) != (holder.age, holder.sign):
            raise Cannot(f"The key of {holder.office} is not the one in the record. Do not use this file.")
        if confirmed.get(holder.id) != fact["fingerprint"]:
            raise Cannot(f"The key of {holder.office} was not confirmed by a second person.")
