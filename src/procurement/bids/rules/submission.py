"""Which envelope may be received as a bid. Whether it is in time, the database alone decides."""

from collections.abc import Mapping
from datetime import datetime

from procurement.bids.rules.facts import LateBidRefused
from procurement.kernel.refusal import Refused
from procurement.kernel.sealing import Envelope
from procurement.tenders.rules import Phase, Tender


def must_take_bids(tender: Tender, supplier: str, now: datetime) -> None:
    """Whether preparing a bid makes sense now. Refused("tender-not-open") or ("own-tender", 403)."""
    if tender.buyer == supplier:
        raise Refused("own-tender", "An organisation cannot bid for its own tender.", status=403)
    if tender.phase(now) is not Phase.OPEN:
        raise Refused("tender-not-open", "This tender does not take bids now.")


def must_answer(tender: Tender, envelope: Envelope) -> None:
    """Refused, each 409 or 422, unless the envelope was sealed for this tender as it stands today."""
    if envelope.tender != tender.id:
        raise Refused("bid-misplaced", "This envelope was sealed for another tender.", status=422)
    if envelope.revision != tender.revision_hash:
        raise Refused("revision-changed", "The tender was amended since this bid was sealed. "
                      "Read the amendment, seal the bid again and submit it before the deadline.")  # fmt: skip
    if (envelope.kind, envelope.round, envelope.lot_group) != ("single", 1, ""):
        raise Refused("envelope-unexpected", "This tender takes one envelope, in one round.", status=422)


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
