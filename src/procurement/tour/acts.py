"""The steps of the tour, in order."""

from collections.abc import Callable, Iterator

from procurement.tour.bidding import Bidding
from procurement.tour.calling import Calling
from procurement.tour.cast import APPROVER, OFFICER, REGISTERED
from procurement.tour.holding import Holding
from procurement.tour.judging import Judging
from procurement.tour.paying import Paying
from procurement.tour.proving import Proving

Step = tuple[str, Callable[[], str]]
"""What is done, and the function that does it and says what an independent reader found."""


class Tour(Calling, Bidding, Paying, Judging, Proving):
    """One procurement from draft to contract, sealed at level S1."""

    def steps(self) -> Iterator[Step]:
        yield "A reader keeps a checkpoint of the public record", self.keep_checkpoint
        yield f"{OFFICER} drafts the tender “{self.story.title[:60]}”", self.draft
        yield from self.lay_open()
        yield "Anyone finds it by search", self.search
        yield f"{REGISTERED} registers", self.register
        yield from self.check_locks()
        yield "A supplier asks a question, the officer answers", self.question
        yield f"{REGISTERED} bids on pages without scripts", self.bid_by_pages
        yield "Adler Strassenbau seals its bid on its own machine", lambda: self.bid_by_program("Karl Adler", "0.97")
        yield "Vesna Roads bids too", lambda: self.bid_by_program("Vesna Dole", "0.90")
        yield "Adler Strassenbau replaces its bid", lambda: self.bid_by_program("Karl Adler", "0.95")
        yield "Vesna Roads withdraws", self.withdraw
        yield "Adler Strassenbau pays the deposit by transfer", self.pay_deposit
        yield "The legal clock passes the deadline; a late bid is refused", self.late
        yield from self.open_locks()
        yield "The opening tells whose deposit was there", self.deposit_read
        yield "The evaluators declare, check and score", self.evaluate
        yield "The chair concludes the evaluation", self.conclude
        yield f"{OFFICER} proposes the award, {APPROVER} announces it", self.announce
        yield "A contract during standstill is refused", self.too_soon
        yield "Standstill ends; both sides sign the contract", self.sign
        yield "Adler Strassenbau lost and has its deposit back", self.deposit_back
        yield "The OCDS record tells the whole story", self.ocds
        yield "A reader verifies everything with the kept checkpoint", self.verify

    def lay_open(self) -> Iterator[Step]:
        yield f"{OFFICER} asks for approval", self.submit_draft
        yield f"{APPROVER} publishes it", self.publish

    def check_locks(self) -> Iterator[Step]:
        """What a bidder makes sure of before it seals."""
        yield from ()

    def open_locks(self) -> Iterator[Step]:
        yield f"{OFFICER} and {APPROVER} open the bids together", self.open


class DoubleTour(Holding, Tour):
    """The same at level S2: three key holders of two institutions, any two of whom open together with the keyholder."""

    def lay_open(self) -> Iterator[Step]:
        yield "Three key holders make keys, which colleagues confirm", self.make_keys
        yield f"{OFFICER} chooses level S2 and these holders", self.choose_holders
        yield f"{OFFICER} asks for approval", self.submit_draft
        yield "Nothing is published while a holder has not signed", self.publish_too_soon
        yield "Each holder reads the roster and signs it", self.sign_roster
        yield f"{APPROVER} publishes it", self.publish

    def check_locks(self) -> Iterator[Step]:
        yield f"{REGISTERED} holds the key holders against the public record", self.prove_holders

    def open_locks(self) -> Iterator[Step]:
        yield f"{OFFICER} and {APPROVER} ask for the opening; nothing opens", self.ask_to_open
        yield "Two of three key holders give their shares, and the bids open", self.give_shares
        yield "The third comes too late", self.too_late_to_give


TOURS = {"S1": Tour, "S2": DoubleTour}
