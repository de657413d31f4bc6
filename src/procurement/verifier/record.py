"""The signed opening record: by the office's own key, and saying what the log says of who acted and what was opened."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from procurement.kernel.canonical import canonical
from procurement.kernel.checkpoint import VerifierKey
from procurement.kernel.refusal import Refused
from procurement.kernel.sealing.signing import must_be_signed
from procurement.verifier.log import Broken
from procurement.verifier.records import Findings, Placed

UNREAD = "shares-unreadable"  # the problem of a bid that two people went on without
SAID = ("read", "unreadable", "nothing")  # what a key holder said of their part of it
DECISION = ("digest", "reason", *SAID)


class Signed(msgspec.Struct, frozen=True):
    """As it is served; `signature` is base64 over the record's canonical bytes."""

    record: dict[str, Any]
    signature: str


def verify(path: str, served: bytes, opened: Placed, findings: Findings, *, prices: bool = False) -> str:
    """What was checked, in words. Broken names what the record at `path` says otherwise than the log; `prices`: of the
    second opening."""
    signed = msgspec.json.decode(served, type=Signed)
    said = signed.record
    if said["opened"] != opened.fact:
        raise Broken(f"{path} was altered: entry {opened.index} read out something else")
    if not findings.receipts:
        raise Broken(f"{path} cannot be checked: the log names no key of receipts and opening records")
    key = Ed25519PublicKey.from_public_bytes(VerifierKey.parse(findings.receipts).key)
    try:
        must_be_signed(key, canonical(said), signed.signature)
    except Refused as no:
        raise Broken(f"{path} was altered: {no.detail}") from None
    which = "Prices" if prices else "Opening"
    asked = findings.of(f"{which}Requested", f"{which}Confirmed")
    gave = [one for one in findings.of("SharesGiven") if ("decision" in one.fact) is prices]
    _who_asked(path, said, opened, asked)
    _who_gave(path, said, opened, gave)
    _who_was_put_out(path, said, opened, findings)
    name = "record of prices" if prices else "opening record"
    return f"the {name} is signed, and names who asked, confirmed and gave shares as the log does"


def _who_asked(path: str, said: dict[str, Any], opened: Placed, asked: Sequence[Placed]) -> None:
    """Two people, each by a fact before the opening."""
    before = [one for one in asked if one.index < opened.index]
    people = {(name, one.fact[name]) for one in before for name in ("requested_by", "confirmed_by") if name in one.fact}
    pair = {(name, said[name]) for name in ("requested_by", "confirmed_by")}
    if not pair <= people or said["requested_by"] == said["confirmed_by"]:
        raise Broken(f"{path} was altered: other people asked and confirmed before entry {opened.index}")


def _who_gave(path: str, said: dict[str, Any], opened: Placed, gave: Sequence[Placed]) -> None:
    """Key holders, who gave or said that they can read none."""
    answered = {one.fact["holder"] for one in gave if one.index < opened.index}
    told = {one["holder"] for one in said.get("shares", ())}
    if told != answered:
        raise Broken(f"{path} was altered: other key holders gave shares before entry {opened.index}")


def _who_was_put_out(path: str, said: dict[str, Any], opened: Placed, findings: Findings) -> None:
    """Bids that too few key holders could read: two people went on without each, by facts that are disclosed where
    bidders are named."""
    told = {_which(one): one for one in said.get("put_out", ())}
    unread = {_which(bid) for bid in opened.fact["bids"] if bid.get("problem") == UNREAD}
    if strange := told.keys() - unread:
        raise Broken(f"{path} was altered: entry {opened.index} does not go on without bid {' '.join(min(strange))}")
    before = [one for one in findings.of("PutOutProposed", "BidPutOut") if one.index < opened.index]
    put_out = {_which(one.fact): one for one in before if one.record.type == "BidPutOut"}
    decided = {which: one for which, one in put_out.items() if which in unread}
    named = any(bid["supplier"] for one in findings.of("BidsOpened") for bid in one.fact["bids"])
    for which in sorted(decided.keys() | (told.keys() if named else set())):
        proposed = [one for one in before if one.record.type == "PutOutProposed" and _which(one.fact) == which]
        if which not in decided or not proposed or proposed[-1].record.actor == decided[which].record.actor:
            raise Broken(f"entry {opened.index} goes on without bid {' '.join(which)}, which no two people decided")
        if _decision(told.get(which)) != {name: decided[which].fact[name] for name in DECISION}:
            raise Broken(f"{path} was altered: entry {decided[which].index} put bid {' '.join(which)} out otherwise")
    if missing := len(unread - told.keys()):
        findings.notes.append(
            f"{missing} bids that too few key holders could read: nobody is named who decided on them"
        )


def _which(one: Mapping[str, Any]) -> tuple[str, ...]:
    """The bid, and the lot whose price it is about, where lots are priced apart."""
    return (one["bid"], one["lot"]) if one.get("lot") else (one["bid"],)


def _decision(told: dict[str, Any] | None) -> dict[str, Any]:
    """What the record says of one of them, as the fact BidPutOut says it."""
    if told is None:
        return {}
    by = {name: [one["holder"] for one in told["holders"] if one["said"] == name] for name in SAID}
    return {"digest": told["digest"], "reason": told["reason"], **by}
