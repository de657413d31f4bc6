"""The steps of the tour, in order."""

from collections.abc import Callable, Iterator

from procurement.tour.bidding import Bidding
from procurement.tour.calling import Calling
from procurement.tour.cast import APPROVER, OFFICER, REGISTERED
from procurement.tour.judging import Judging
from procurement.tour.paying import Paying
from procurement.tour.proving import Proving

Step = tuple[str, Callable[[], str]]
"""What is done, and the function that does it and says what an independent reader found."""


class Tour(Calling, Bidding, Paying, Judging, Proving):
    """One procurement from draft to contract."""

    def steps(self) -> Iterator[Step]:
        yield "A reader keeps a checkpoint of the public record", self.keep_checkpoint
        yield f"{OFFICER} drafts the tender “{self.story.title[:60]}”", self.draft
        yield f"{OFFICER} asks for approval", self.submit_draft
        yield f"{APPROVER} publishes it", self.publish
        yield "Anyone finds it by search", self.search
        yield f"{REGISTERED} registers", self.register
        yield "A supplier asks a question, the officer answers", self.question
        yield f"{REGISTERED} bids on pages without scripts", self.bid_by_pages
        yield "Adler Strassenbau seals its bid on its own machine", lambda: self.bid_by_program("Karl Adler", "0.97")
        yield "Vesna Roads bids too", lambda: self.bid_by_program("Vesna Dole", "0.90")
        yield "Adler Strassenbau replaces its bid", lambda: self.bid_by_program("Karl Adler", "0.95")
        yield "Vesna Roads withdraws", self.withdraw
        yield "Adler Strassenbau pays the deposit by transfer", self.pay_deposit
        yield "The legal clock passes the deadline; a late bid is refused", self.late
        yield f"{OFFICER} and {APPROVER} open the bids together", self.open
        yield "The opening tells whose deposit was there", self.deposit_read
        yield "The evaluators declare, check and score", self.evaluate
        yield "The chair concludes the evaluation", self.conclude
        yield f"{OFFICER} proposes the award, {APPROVER} announces it", self.announce
        yield "A contract during standstill is refused", self.too_soon
        yield "Standstill ends; both sides sign the contract", self.sign
        yield "Adler Strassenbau lost and has its deposit back", self.deposit_back
        yield "The OCDS record tells the whole story", self.ocds
        yield "A reader verifies everything with the kept checkpoint", self.verify
