"""The key holders of a tender: those who enrolled are those who signed, are those that the service shows."""

from collections.abc import Sequence
from typing import Any

import msgspec

from procurement.kernel.refusal import Refused
from procurement.kernel.sealing import Holder, Roster, check_all_signed, roster_hash
from procurement.verifier.log import Broken, Fetch
from procurement.verifier.tender import Findings, Placed

OF_KEYS = {"KeyHolderEnrolled", "KeyHolderConfirmed"}  # facts of no procurement
KEY = ("office", "organisation", "age", "sign")


class Seated(msgspec.Struct, frozen=True):
    """Of a holder as the service shows it, what has to be that of the roster."""

    id: str
    office: str
    organisation: str
    age: str
    sign: str

    @classmethod
    def of(cls, holder: Holder) -> "Seated":
        return msgspec.convert(holder, cls, from_attributes=True)


def verify(fetch: Fetch, findings: Findings, of_keys: Sequence[Placed]) -> None:
    """Check the roster that bids are sealed to, where there is one. `of_keys` are the log's facts of OF_KEYS."""
    published, frozen = findings.of("TenderPublished"), findings.of("RosterFrozen")
    if not frozen:
        if published and published[0].fact["seal_level"] != "S1":
            raise Broken(f"entry {published[0].index} publishes a double lock without key holders")
        return
    if frozen[1:]:
        raise Broken(f"entry {frozen[1].index} changes the key holders of a public tender")
    roster = _signed(frozen[0])
    for holder in roster.holders:
        _must_be_enrolled(holder, frozen[0].index, of_keys)
    _must_be_shown(fetch, frozen[0], roster)
    findings.checks.append(
        f"{roster.m} of {roster.n} key holders open together: all enrolled, and signed for each other"
    )


def _signed(frozen: Placed) -> Roster:
    """The roster of the fact, under its hash and every holder's signature."""
    try:
        holders = [msgspec.convert(_without_signature(one), Holder) for one in frozen.fact["holders"]]
        said = {name: frozen.fact[name] for name in ("tender", "level", "m")}
        roster = msgspec.convert({"type": "roster/v1", **said, "holders": holders}, Roster)
        if roster_hash(roster) != frozen.fact["roster"]:
            raise Broken(f"entry {frozen.index} names other key holders than its hash")
        check_all_signed(roster, {one["id"]: one["signature"] for one in frozen.fact["holders"]})
    except Refused as no:
        raise Broken(f"entry {frozen.index}: {no.detail}") from None
    return roster


def _without_signature(seated: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in seated.items() if name != "signature"}


def _must_be_enrolled(holder: Holder, before: int, of_keys: Sequence[Placed]) -> None:
    """The key is the one that the holder enrolled, and that a second person confirmed, before the tender was public."""
    mine = {one.record.type: one for one in of_keys if one.index < before and one.fact["holder"] == holder.id}
    if mine.keys() != OF_KEYS:
        raise Broken(f"entry {before} names a key of {holder.office} that nobody enrolled and confirmed before")
    enrolled, confirmed = mine["KeyHolderEnrolled"].fact, mine["KeyHolderConfirmed"].fact
    same = all(enrolled[name] == getattr(holder, name) for name in KEY)
    if not same or enrolled["fingerprint"] != confirmed["fingerprint"]:
        raise Broken(f"entry {before} names another key of {holder.office} than that office enrolled")


def _must_be_shown(fetch: Fetch, frozen: Placed, roster: Roster) -> None:
    path = f"/api/v1/tenders/{roster.tender}/roster"
    shown = msgspec.json.decode(fetch(path))
    right = {"level": roster.level, "m": roster.m, "sha256": frozen.fact["roster"]}
    right |= {"signatures": {one["id"]: one["signature"] for one in frozen.fact["holders"]}}
    seated = msgspec.convert(shown["holders"], list[Seated])
    if {name: shown.get(name) for name in right} != right or seated != list(map(Seated.of, roster.holders)):
        raise Broken(f"{path} was altered: entry {frozen.index} names other key holders, or other keys")
