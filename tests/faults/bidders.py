"""A supplier's program that bids, replaces and withdraws without pause, and keeps what it was told."""

import random
import secrets

from calls import Call, Submitted

from procurement.client import Attached, Client, Problem
from procurement.client.sealing import seal_bid

CANARY = f"canary{secrets.token_hex(12)}"  # in a document of every bid: nobody may read it before its opening
LATE = {"bid-late", "tender-not-open"}
WITHDRAWS = 0.15  # of what a bidder does who has a bid that stands


class Bidder:
    """At work in one thread. A request is repeated, with its key, until the service says something."""

    def __init__(self, who: str, client: Client) -> None:
        self.who, self.client = who, client

    def act(self, calls: list[Call]) -> None:
        """Something for one of the tenders of which it was not told yet that they are over; those end first."""
        going = [call for call in calls if self.who not in call.over]
        call = random.choice([call for call in going if call.opens][:1] * 3 + going)
        try:
            if self.who in call.standing and random.random() < WITHDRAWS:
                self._withdraw(call)
            else:
                self._bid(call)
        except Problem as no:
            if no.code in LATE:
                call.over.add(self.who)
            elif no.code != "revision-changed":  # a later deadline came while it was sealed: seal again
                raise

    def _bid(self, call: Call) -> None:
        """The first version, or the next one instead of the last."""
        bids, key = self.client.bids, secrets.token_hex(8)
        method = Attached("Method.txt", "text/plain", f"How we work: {CANARY}".encode())
        sealed = seal_bid(bids.asked(call.tender), {item.id: "12.50" for item in call.tender.items}, [method])
        bids.upload(call.tender.id, sealed)
        told = bids.hand_in(call.tender.id, sealed.envelope, sealed.version, key=key)
        one = Submitted(self.who, key, sealed, told.receipt)
        call.submissions.append(one)
        call.standing[self.who] = one

    def _withdraw(self, call: Call) -> None:
        self.client.bids.withdraw(call.tender.id)
        call.withdrawn.append(call.standing.pop(self.who))
