"""How long a bid binds its bidder (UNCITRAL Model Law, article 41). Pure."""

import contextlib
from datetime import datetime

from procurement.kernel.refusal import Refused
from procurement.rulebooks.rules import Rulebook
from procurement.tenders.rules.model import Tender


def binds_until(tender: Tender, rulebook: Rulebook) -> datetime | None:
    """The first moment in UTC at which bids bind no more. None where the procedure sets no end, or the calendar of
    holidays does not reach so far."""
    if tender.validity and tender.deadline:
        with contextlib.suppress(Refused):
            return rulebook.after(tender.deadline, tender.validity)
    return None
