"""The key holders of a tender: those who enrolled are those who signed, are those that the service shows."""

from collections.abc import Sequence
from typing import Any

import msgspec

from procurement.kernel.refusal import Refused
from procurement.kernel.sealing import Holder, Roster, check_all_signed, holder_fingerprint, roster_hash
from procurement.verifier.log import Broken, Fetch
from procurement.verifier.records import Findings, Placed

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


def verify(fetch: Fetch, findings: Findings) -> None:
    """Check the roster that bids are sealed to, where there is one, and that enough of it gave their shares."""
    published, frozen = findings.of("TenderPublished"), findings.of("RosterFrozen")
    if not frozen:
        if published and published[0].fact["seal_level"] != "S1":
            raise Broken(f"entry {published[0].index} publishes a double lock without key holders")
        return
    if frozen[1:]:
        raise Broken(f"entry {frozen[1].index} changes the key holders of a public tender")
    roster = _signed(frozen[0])
    for one in published:
        _must_be_of(one, frozen[0], roster)
    for holder in roster.holders:
        _must_be_enrolled(holder, frozen[0].index, findings.of_keys)
    _must_be_shown(fetch, frozen[0], roster)
    findings.checks.append(
        f"{roster.m} of {roster.n} key holders open together: all enrolled, and signed for each other"
    )
    _enough_gave(findings, roster)
    _enough_gave_prices(findings, roster)


def _must_be_of(published: Placed, frozen: Placed, roster: Roster) -> None:
    """The roster is the published tender's, at its level, and was frozen by the act that published it."""
    if (roster.tender, roster.level) != (published.fact["tender"], published.fact["seal_level"]):
        raise Broken(
            f"entry {frozen.index} names key holders of tender {roster.tender} at {roster.level}, entry "
            f"{published.index} publishes {published.fact['tender']} at {published.fact['seal_level']}"
        )
    if frozen.record.at != published.record.at:
        raise Broken(f"entry {frozen.index} froze the key holders apart from the publication at {published.index}")


def _enough_gave(findings: Findings, roster: Roster) -> None:
    """Of an opening: at least m of the roster gave shares that could be read, or bidders' own kits were needed."""
    opened = findings.of("BidsOpened")
    if not (opened and any(not bid["problem"] for bid in opened[0].fact["bids"])):
        return
    answers = [one for one in findings.of("SharesGiven") if one.index < opened[0].index]
    gave = {one.fact["holder"] for one in answers if one.fact["able"]}
    if strangers := gave - set(roster.members):
        raise Broken(f"entry {opened[0].index} was opened with a share of {min(strangers)}, who is in no roster of it")
    named = any(bid["supplier"] for bid in opened[0].fact["bids"])  # then kits that were given are disclosed too
    if len(gave) < roster.m and named and not findings.of("KitGiven"):
        raise Broken(f"entry {opened[0].index} opened bids with {len(gave)} key holders of {roster.m}")
    offices = ", ".join(one.office for one in roster.holders if one.id in gave)
    findings.checks.append(f"{len(gave)} key holders gave their shares: {offices or 'none'}")


def _enough_gave_prices(findings: Findings, roster: Roster) -> None:
    """The same of the prices of who passed, which holders give shares of once more."""
    opened = findings.of("PricesOpened")
    if not (opened and any(not bid["problem"] for bid in opened[0].fact["bids"])):
        return
    answers = [one for one in findings.of("SharesGiven") if "decision" in one.fact and one.index < opened[0].index]
    gave = {one.fact["holder"] for one in answers if one.fact["able"]}
    kits = [one for one in findings.of("KitGiven") if "decision" in one.fact]
    named = any(bid["supplier"] for one in findings.of("BidsOpened") for bid in one.fact["bids"])  # as above
    if gave - set(roster.members) or (len(gave) < roster.m and named and not kits):
        raise Broken(f"entry {opened[0].index} opened prices with {len(gave)} key holders of {roster.m}")
    findings.checks.append(f"{len(gave)} key holders gave their shares of the prices")


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
    mine = [one for one in of_keys if one.fact["holder"] == holder.id]
    known = {one.record.type: one.fact for one in mine if one.index < before}
    if ended := [one.index for one in mine if one.record.type == "KeyHolderEnded" and one.index < before]:
        raise Broken(f"entry {before} names a key of {holder.office} that entry {ended[0]} had ended")
    if known.keys() != {"KeyHolderEnrolled", "KeyHolderConfirmed"}:
        raise Broken(f"entry {before} names a key of {holder.office} that nobody enrolled and confirmed before")
    if again := [one.index for one in mine if one.record.type == "KeyHolderEnrolled"][1:]:
        raise Broken(f"entry {again[0]} enrols another key under the id of {holder.office}'s")
    mark = holder_fingerprint(holder.id, holder.age, holder.sign)
    enrolled, confirmed = known["KeyHolderEnrolled"], known["KeyHolderConfirmed"]
    same = all(enrolled[name] == getattr(holder, name) for name in KEY)
    if not same or {enrolled["fingerprint"], confirmed["fingerprint"]} != {mark}:
        raise Broken(f"entry {before} names another key of {holder.office} than that office enrolled")


def _must_be_shown(fetch: Fetch, frozen: Placed, roster: Roster) -> None:
    path = f"/api/v1/tenders/{roster.tender}/roster"
    shown = msgspec.json.decode(fetch(path))
    right = {"level": roster.level, "m": roster.m, "sha256": frozen.fact["roster"]}
    right |= {"signatures": {one["id"]: one["signature"] for one in frozen.fact["holders"]}}
    seated = msgspec.convert(shown["holders"], list[Seated])
    if {name: shown.get(name) for name in right} != right or seated != list(map(Seated.of, roster.holders)):
        raise Broken(f"{path} was altered: entry {frozen.index} names other key holders, or other keys")
