"""A log of a test's own making: honest entries of one procurement, or whatever else the log's key would sign."""

from collections.abc import Collection
from typing import Any

import msgspec

from procurement.kernel import merkle
from procurement.kernel.canonical import canonical
from procurement.kernel.checkpoint import Checkpoint, SignerKey
from procurement.kernel.entry import Record, entry_for, entry_hash
from procurement.kernel.sealing import closing_root
from procurement.verifier import tender
from procurement.verifier.at_once import AT_ONCE
from procurement.verifier.log import Entry, Log

KEY = SignerKey("record.example", bytes(32))
OCID = "ocds-xmarrow-1"
BEFORE, MORNING = "2026-10-01T12:00:00.000000Z", "2026-11-01T11:00:00.000000Z"
DEADLINE, CLOSED, OPENED, LATER = (
    "2026-11-01T12:00:00.000000Z", "2026-11-01T12:00:01.000000Z", "2026-11-01T12:00:02.000000Z",
    "2026-11-02T12:00:00.000000Z",
)  # fmt: skip
OLD, NEW = "aa" * 32, "bb" * 32


class Said(msgspec.Struct, frozen=True):
    """A fact, when it was recorded, in which procurement, and by whom."""

    type: str
    at: str
    fact: dict[str, Any]
    process: str = OCID
    actor: str = "nobody"


def fact(type_: str, at: str, **fields: Any) -> Said:
    return Said(type_, at, fields)


def but(said: Said, at: str = "", **fields: Any) -> Said:
    """The same with other fields."""
    return Said(said.type, at or said.at, {**said.fact, **fields}, said.process, said.actor)


def published(deadline: str = DEADLINE) -> Said:
    return fact("TenderPublished", BEFORE, tender="1", deadline=deadline, opening_at=deadline, seal_level="S1")


def extended(at: str = MORNING, deadline: str = LATER) -> Said:
    moved = {"deadline": deadline, "opening_at": deadline, "proposed_by": "ines", "approved_by": "tomas"}
    return fact("DeadlineExtended", at, tender="1", **moved)


def bid(digest: str, version: int, supplier: str = "harbour", at: str = MORNING, applied: str = DEADLINE) -> Said:
    """Its id is its supplier's name and its version."""
    stamps = {"received_at": at, "deadline_applied": applied}
    who = {"bid": f"{supplier}-{version}", "supplier": supplier, "version": version}
    return fact("BidReceived", at, tender="1", digest=digest, **who, **stamps)


def withdrawn(received: Said, at: str = MORNING) -> Said:
    same = {name: received.fact[name] for name in ("tender", "bid", "supplier", "version", "deadline_applied")}
    return fact("BidWithdrawn", at, withdrawn_at=at, **same)


def closed(*digests: str, at: str = CLOSED, deadline: str = DEADLINE) -> Said:
    count, root = closing_root(digests)
    return fact("TenderClosed", at, tender="1", bids=count, root=root, deadline=deadline, closed_at=at)


def opened(*bids: Said, price: int = 10, at: str = OPENED) -> Said:
    """What is read out of received bids; the closing is filled in by `record`."""
    shown = [
        {**{name: one.fact[name] for name in ("bid", "supplier", "version", "digest")}, "lots": {"lot": price}}
        for one in bids
    ]
    root = closing_root(one["digest"] for one in shown)[1]
    return fact("BidsOpened", at, tender="1", bids=shown, root=root, closing="")


def award(bid_: Said, price: int = 10, **fields: Any) -> Said:
    said = {"award": "a", "bid": bid_.fact["bid"], "supplier": bid_.fact["supplier"], "lot": "lot", "price": price}
    return fact("AwardAnnounced", LATER, tender="1", **{**said, **fields})


FIRST, SECOND = bid(OLD, 1), bid(NEW, 2)
HONEST = [published(), FIRST, SECOND, closed(NEW), opened(SECOND)]


def record(*facts: Said, key: SignerKey = KEY, unmarked: Collection[int] = ()) -> tuple[Log, list[Entry]]:
    """A signed log of these facts, each under its own salt, and its entries as they are served: open ones of what is
    public at once, but at the places `unmarked`."""
    bodies, leaf = [], ""
    for said in facts:
        content = {**said.fact, "closing": leaf} if said.fact.get("closing") == "" else said.fact
        bodies.append(canonical(Record(said.type, said.at, said.process, said.actor, "", content)))
        if said.type == "TenderClosed" and said.process == OCID:
            leaf = merkle.leaf_hash(entry_hash(_salt(len(bodies) - 1), bodies[-1])).hex()
    at_once = [said.type in AT_ONCE and index not in unmarked for index, said in enumerate(facts)]
    served = [
        Entry(index, entry_for(_salt(index), body, at_once=at_once[index]).hex(), _salt(index).hex(), body.decode())
        for index, body in enumerate(bodies)
    ]
    return log_of(served, key), served


def log_of(served: list[Entry], key: SignerKey = KEY) -> Log:
    entries = [bytes.fromhex(entry.entry) for entry in served]
    root = merkle.root([merkle.leaf_hash(entry) for entry in entries])
    return Log(Checkpoint(key.verifier.name, len(entries), root), entries)


def hidden(entry: Entry) -> Entry:
    return msgspec.structs.replace(entry, record="", salt="")


def checks(*facts: Said, key: SignerKey = KEY) -> list[str]:
    """What the verifier says that it checked in such a record. Broken where it finds something."""
    log, served = record(*facts, key=key)
    return tender.verify(log, OCID, served).checks


def _salt(index: int) -> bytes:
    return bytes([index]) * 32
