"""Which envelope may be received as a bid. Whether it is in time, the database alone decides."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from procurement.bids.rules.facts import LateBidRefused
from procurement.kernel.refusal import Refused
from procurement.kernel.sealing import Envelope, Roster, must_name_roster
from procurement.kernel.sealing.shares import Kind
from procurement.tenders.rules import Phase, Tender


def must_take_bids(tender: Tender, supplier: str, now: datetime) -> None:
    """Whether preparing a bid makes sense now. Refused("tender-not-open") or ("own-tender", 403)."""
    if tender.buyer == supplier:
        raise Refused("own-tender", "An organisation cannot bid for its own tender.", status=403)
    if tender.phase(now) is not Phase.OPEN:
        raise Refused("tender-not-open", "This tender does not take bids now.")


def kinds(tender: Tender) -> tuple[Kind, ...]:
    """The kinds of envelopes that make a bid, in their order; of the last as many as lots, where lots are priced
    apart."""
    return ("technical", "financial") if tender.two_envelopes else ("single",)


def must_answer(tender: Tender, envelopes: Sequence[Envelope]) -> None:
    """Refused, each 409 or 422, unless the envelopes were sealed for this tender as it stands today: all that it takes,
    in their order, and each to a key of its own."""
    for envelope in envelopes:
        if envelope.tender != tender.id:
            raise Refused("bid-misplaced", "This envelope was sealed for another tender.", status=422)
        if envelope.revision != tender.revision_hash:
            raise Refused("revision-changed", "The tender was amended since this bid was sealed. "
                          "Read the amendment, seal the bid again and submit it before the deadline.")  # fmt: skip
    offered = [(envelope.kind, envelope.round, envelope.lot_group) for envelope in envelopes]
    wanted = [(kind, 1, lot) for kind, lot in _places(tender, {envelope.lot_group for envelope in envelopes})]
    if offered != wanted or len(offered) < len(kinds(tender)):
        raise _unexpected(tender)
    if len({envelope.recipient for envelope in envelopes}) != len(envelopes):
        raise Refused("recipient-twice", "Two envelopes are sealed to one key: whoever opens the first could open the "
                      "other. Seal each to a key of its own.", status=422)  # fmt: skip


def _places(tender: Tender, lots: Collection[str]) -> list[tuple[Kind, str]]:
    """(kind, lot group) of each envelope of a bid for these lots, in their order."""
    if not tender.lots_apart:
        return [(kind, "") for kind in kinds(tender)]
    return [("technical", ""), *(("financial", lot) for lot in tender.lots_apart if lot in lots)]


def _unexpected(tender: Tender) -> Refused:
    words = "one envelope, in one round"
    if tender.two_envelopes:
        each = " for each lot that you bid for, in the order of the lots" if tender.lots_apart else ""
        words = f"a technical and a financial envelope{each}, together"
    return Refused("envelope-unexpected", f"This tender takes {words}.", status=422)


def must_be_at_level(tender: Tender, envelope: Envelope, roster: Roster | None) -> None:
    """The envelope is locked as the tender says; `roster` are its key holders, None at level S1.

    Refused, each 422: "seal-level-differs" for one that is locked with key holders where there are none, or without;
    "roster-differs" for others than this tender's; "seal-level-client" for one that a server sealed at level S3.
    """
    if bool(envelope.roster) != (roster is not None):
        raise Refused(
            "seal-level-differs",
            f"This tender takes bids of seal level {tender.seal_level}, and this one was sealed at another. Fetch the "
            "tender anew, seal the bid again and submit that.",
            status=422,
        )
    must_name_roster(envelope, roster)
    must_be_sealed_by(tender, envelope.sealed_by)


def must_be_sealed_by(tender: Tender, who: str) -> None:
    """Refused("seal-level-client", 422) where a server ("server") may not seal."""
    if tender.seal_level == "S3" and who == "server":
        raise Refused(
            "seal-level-client",
            "At seal level S3 no server may hold a bid readable, not for a moment. Seal it on your own device: in a "
            "browser with scripts, with `procurement seal`, or with a program of your own. All of them count alike.",
            status=422,
        )


def must_be_stored(envelope: Envelope, parts: Mapping[str, int]) -> None:
    """`parts` is sha256 -> size of what this supplier stored. Refused("parts-missing", 422) says how many are not."""
    missing = sum(parts.get(blob.sha256) != blob.size for blob in envelope.blobs)
    if missing:
        raise Refused("parts-missing", f"{missing} of {len(envelope.blobs)} sealed parts have not arrived. "
                      "Upload them, then submit again.", status=422)  # fmt: skip


def must_be_next(offered: int, latest: int) -> None:
    """The version is sealed inside, so it has to be the next. Refused("version-taken") when it is not."""
    if offered != latest + 1:
        raise Refused("version-taken", f"Your organisation has submitted version {latest} meanwhile. "
                      f"Look at it, then seal yours as version {latest + 1}.")  # fmt: skip


def late(tender: Tender, supplier: str, attempted_at: datetime, deadline: datetime) -> Refused:
    """The refusal of a bid or withdrawal at or after the deadline, with both times to the microsecond."""
    fact = LateBidRefused(tender=tender.id, supplier=supplier, attempted_at=attempted_at, deadline=deadline)
    return Refused(
        "bid-late",
        f"It arrived at {attempted_at:%Y-%m-%d %H:%M:%S.%f} UTC; the deadline was "
        f"{deadline:%Y-%m-%d %H:%M:%S.%f} UTC. Nobody can make an exception.",
        fact=fact,
        process=tender.ocid,
    )
