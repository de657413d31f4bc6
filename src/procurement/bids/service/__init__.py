"""What can be done with bids: prepare, seal, submit, replace, withdraw, close. Nobody can read one here."""

from procurement.bids.service.closing import (
    Closing,
    FinalEnvelope,
    bidders,
    blob,
    close,
    close_if_due,
    closing_of,
    closings_of,
    final_envelopes,
    financial_envelopes,
    fixed_envelopes,
    lots_offered,
    see_time,
)
from procurement.bids.service.handover import submit_draft
from procurement.bids.service.lost import Loss, depositable, deposited, losses, note_lost
from procurement.bids.service.members import Members, members, roster
from procurement.bids.service.own import Standing, my_bid, my_bids, my_drafts
from procurement.bids.service.receipts import Checked, Receipt, check, proof_file, receipt
from procurement.bids.service.submission import LONGEST_KEY, Submission, lock, repeated, submit, withdraw

__all__ = [
    "LONGEST_KEY",
    "Checked",
    "Closing",
    "FinalEnvelope",
    "Loss",
    "Members",
    "Receipt",
    "Standing",
    "Submission",
    "bidders",
    "blob",
    "check",
    "close",
    "close_if_due",
    "closing_of",
    "closings_of",
    "depositable",
    "deposited",
    "final_envelopes",
    "financial_envelopes",
    "fixed_envelopes",
    "lock",
    "losses",
    "lots_offered",
    "members",
    "my_bid",
    "my_bids",
    "my_drafts",
    "note_lost",
    "proof_file",
    "receipt",
    "repeated",
    "roster",
    "see_time",
    "submit",
    "submit_draft",
    "withdraw",
]
