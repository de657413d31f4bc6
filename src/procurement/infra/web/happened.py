"""What each type of fact means, as a sentence that somebody understands who never saw this service.

The types are written as the ledger writes them: no stage is imported here.
"""

from procurement.infra.web.lifeline import N_
from procurement.kernel.fact import in_words

IDENTITY = {
    "OrganisationRegistered": N_("An organisation was registered"),
    "OrganisationRenamed": N_("An organisation was given a new name"),
    "OrganisationMerged": N_("An organisation became part of another"),
    "OwnerAppointed": N_("Two administrators appointed the owner of an organisation"),
    "MotionProposed": N_("An administrator proposed a new owner or a merger"),
    "MotionDeclined": N_("A proposal for a new owner or a merger was dropped"),
    "MemberInvited": N_("Somebody was invited into an organisation"),
    "MembershipGranted": N_("Somebody was given a role in an organisation"),
    "MembershipEnded": N_("Somebody's role in an organisation ended"),
    "PersonErased": N_("Somebody closed their account; the record no longer leads to a name"),
    "DelegationOffered": N_("Somebody asked a colleague to stand in for them"),
    "DelegationAccepted": N_("A colleague agreed to stand in"),
    "DelegationEnded": N_("A colleague stopped standing in"),
    "AccessReviewed": N_("An organisation checked who may do what"),
    "TokenIssued": N_("Somebody made a token for a program"),
    "PasskeyAdded": N_("Somebody added a passkey to their account"),
    "PasskeyRemoved": N_("Somebody removed a passkey from their account"),
    "PasskeySuspected": N_("A passkey may have been copied"),
    "ProviderLinked": N_("Somebody linked another way to sign in"),
    "ProviderUnlinked": N_("Somebody unlinked another way to sign in"),
    "SupplierRegistered": N_("A supplier described itself for the first time"),
    "SupplierProfileChanged": N_("A supplier changed its description"),
    "RulebookProposed": N_("An administrator proposed new rules for procurements"),
    "RulebookActivated": N_("A second administrator put new rules for procurements in force"),
}

MONEY = {
    "ChargeAsked": N_("An organisation was asked to pay a deposit or a fee"),
    "ChargeCancelled": N_("A payment is no longer asked for"),
    "CardPaymentBegun": N_("A payment by card was begun"),
    "CardPaymentEnded": N_("A payment by card ran out or was replaced"),
    "PaymentReceived": N_("A payment arrived"),
    "PaymentMatched": N_("A payment was assigned to what it was for"),
    "ReceiptIssued": N_("A receipt for money was written"),
    "RefundAccountChanged": N_("An organisation named, or removed, the account its money goes back to"),
    "RefundAsked": N_("A refund was asked for"),
    "RefundConfirmed": N_("A first person confirmed a refund"),
    "RefundApproved": N_("A refund was approved"),
    "RefundRefused": N_("A refund was refused"),
    "RefundSent": N_("A refund was sent"),
    "RefundFailed": N_("A refund could not be sent; the money is still owed"),
    "TransfersOrdered": N_("Refunds were put into a list for the bank"),
    "ForfeitureAsked": N_("Somebody asked that a deposit be kept"),
    "DepositForfeited": N_("Two people decided that a deposit is kept"),
    "ForfeitureRefused": N_("It was decided that a deposit is not kept"),
    "FeeEarned": N_("A fee is kept for good"),
    "DisputeOpened": N_("A payer's bank took a payment back, for now"),
    "DisputeClosed": N_("It was decided who has a payment that a bank had taken back"),
    "LossMadeGood": N_("Money that seemed lost in a dispute had never left"),
    "PayoutMade": N_("The card processor paid its balance to the bank"),
    "PayoutFailed": N_("The bank did not take a payout of the card processor"),
    "ProcessingCostBooked": N_("The cost of a card payment was booked"),
    "StatementImported": N_("A bank statement was taken in"),
    "BankLineSetAside": N_("A movement on the bank account was set aside"),
}

HOLDERS = {
    "KeyHolderEnrolled": N_("A key holder made a key, to open sealed bids with others one day"),
    "KeyHolderConfirmed": N_("A second person confirmed whose key it is"),
    "KeyHolderEnded": N_("The key of a key holder is no longer chosen for new tenders"),
    "PossessionProved": N_("A key holder proved to still have the key"),
    "RosterAsked": N_("An officer chose the key holders of a draft tender"),
    "RosterSigned": N_("A key holder agreed to the list of key holders by signing it"),
    "RosterFrozen": N_("The key holders of this tender were fixed"),
    "ProofsAsked": N_("The key holders were asked to prove, before the opening, that they have their keys"),
    "HoldersShort": N_("The buyer was warned that too few key holders have proved their keys"),
    "KeyCodesEnrolled": N_("Somebody got key codes of their own, to ask for openings"),
}

TENDERS = {
    "TenderSubmitted": N_("A draft tender was handed to a second person for approval"),
    "TenderReturned": N_("The second person sent a draft tender back"),
    "TenderPublished": N_("The tender was published"),
    "DeadlineExtended": N_("The deadline for bids was moved to a later time"),
    "TenderCancelled": N_("The tender was cancelled; its bids stay sealed"),
    "LaterDeadlineProposed": N_("The service was away shortly before the deadline, so a later one was proposed"),
    "LaterDeadlineDecided": N_("The buyer decided whether the deadline is to move after an outage"),
    "QuestionAsked": N_("Somebody asked a question about the tender"),
    "QuestionAnswered": N_("A question was answered, for everybody"),
    "BidReceived": N_("A sealed bid was received in time"),
    "BidWithdrawn": N_("A bidder took its bid back in time"),
    "LateBidRefused": N_("A bid, or its withdrawal, came too late and was refused"),
    "TenderClosed": N_("Bidding closed, and the list of sealed bids was fixed"),
    "SealedPartsLost": N_("The service lost parts of a sealed bid's file and has to get them from the bidder again"),
    "SealedPartsDeposited": N_("The bidder handed the lost parts of its sealed bid in again"),
}

OPENING = {
    "OpeningRequested": N_("A first officer asked for the opening of bids"),
    "OpeningConfirmed": N_("A second person confirmed the opening of bids"),
    "OpeningAskedAgain": N_("Somebody asked once more for an opening that waited"),
    "SharesAsked": N_("The key service released its lock, and the key holders were asked for theirs"),
    "SharesGiven": N_("A key holder answered the call to open the bids"),
    "SharesCounted": N_("It was counted how many bids a key holder's answer helps to open"),
    "KitAsked": N_("Too few key holders could read a bid, so its bidder was asked to help"),
    "KitGiven": N_("A bidder gave the key to its own bid"),
    "PutOutProposed": N_("An officer proposed to go on without a bid that cannot be read"),
    "PutOutRefused": N_("A second person decided to wait on for a bid that cannot be read"),
    "BidPutOut": N_("Two people decided to go on without a bid that cannot be read"),
    "BidsOpened": N_("All bids were opened and shown together"),
    "TechnicalDecided": N_("Two people decided whose prices may be opened"),
    "PricesRequested": N_("A first officer asked for the opening of prices"),
    "PricesConfirmed": N_("A second person confirmed the opening of prices"),
    "PricesAskedAgain": N_("Somebody asked once more for prices that waited"),
    "PricesOpened": N_("The prices of all who passed were opened and shown together"),
    "OpeningRecordWritten": N_("The signed record of the opening was written"),
    "DocumentQuarantined": N_("A document of a bid may be harmful and was set apart"),
    "QuarantinedTaken": N_("Somebody took a document that may be harmful, after a warning"),
    "StagedRemoved": N_("The tender was cancelled during the opening; what had been opened was removed unread"),
    "SealKeysEnded": N_("The key that could open these bids is no longer needed and is to be destroyed"),
    "SealKeysDestroyed": N_("The key that could open these bids was destroyed"),
    "KeyholderRestored": N_("The key service was restored from a copy and opens nothing until its staff checked it"),
    "KeyholderConfirmed": N_("The staff of the key service checked it, and it opens bids again"),
}

DECISION = {
    "EvaluatorsAppointed": N_("The people who judge the bids were appointed"),
    "ConflictDeclared": N_("An evaluator declared whether there is a conflict of interest"),
    "ComplianceDecided": N_("It was decided whether a bid has everything that was asked for"),
    "ScoresLocked": N_("An evaluator finished scoring, alone; the scores can no longer change"),
    "ConsensusReached": N_("The evaluators agreed on one score where they had differed"),
    "TechnicalProposed": N_("The evaluators proposed who passes before prices are known"),
    "TechnicalReturned": N_("The second person asked the evaluators to look again"),
    "LowPriceQuestioned": N_("A bidder was asked to explain a very low price"),
    "LowPriceExplained": N_("A bidder explained its low price"),
    "LowPriceDecided": N_("It was decided whether a very low price is accepted"),
    "EvaluationConcluded": N_("The evaluation ended with a ranking"),
    "AwardProposed": N_("An officer proposed who is to get the contract"),
    "AwardReturned": N_("The second person did not approve the proposed award"),
    "AwardAnnounced": N_("It was announced who is to get the contract"),
    "TenderUnsuccessful": N_("It ended without award: no bid could be accepted"),
    "AwardHeld": N_("The award was put on hold"),
    "AwardHoldLifted": N_("The award is no longer on hold"),
    "ContractDrafted": N_("The contract was drawn up"),
    "ContractSignedByBuyer": N_("The buyer signed the contract"),
    "ContractSignedBySupplier": N_("The supplier signed the contract"),
    "ContractSigned": N_("The contract is in force: both sides signed the same document"),
}

SERVICE = {
    "OcdsImported": N_("Notices of another publisher were taken in"),
    "WebhookAdded": N_("An organisation asked to be told by its own program"),
    "WebhookSecretReplaced": N_("The secret for telling an organisation's program was replaced"),
    "WebhookSwitchedOff": N_("An organisation's program did not answer and is told no more"),
    "WebhookRemoved": N_("An organisation's program is no longer to be told"),
    "NoticesDelivered": N_("Official messages were laid into the inboxes of all concerned"),
    "NoticeOpened": N_("An organisation opened an official message"),
    "LegalHoldPlaced": N_("It was ordered that something be kept for a legal matter"),
    "LegalHoldLiftRequested": N_("Somebody asked that a legal order to keep something end"),
    "LegalHoldLifted": N_("A legal order to keep something ended"),
    "RecordsErased": N_("What no longer has to be kept was erased, and counted"),
    "ServiceMadeReadOnly": N_("The service could be read but not changed, from here on"),
    "ServiceMadeWritable": N_("The service took changes again"),
    "SandboxClockMoved": N_("Somebody moved the clock of the practice republic"),
    "RecordsDisclosed": N_("Entries that were hidden until now may be read by everybody"),
    "RecordsRepeated": N_("Entries that everybody could always read were repeated, now marked as open"),
    "TypesTold": N_("It was told of what kind the entries are that stay hidden"),
    "KeyPublished": N_("A key was published, to check signatures with"),
    "LogRenamed": N_("The record was restored from an older copy, and goes on under a new name"),
    "CoverRecorded": N_("Nothing happened: this entry only keeps the hidden ones from being counted"),
    "CoverFollowed": N_("Nothing happened: this entry too only keeps the hidden ones from being counted"),
}

SENTENCES = {**IDENTITY, **MONEY, **HOLDERS, **TENDERS, **OPENING, **DECISION, **SERVICE}


def sentence(type_: str) -> str:
    """What happened, to be translated where it is drawn. A type of a newer program: its name, as words."""
    return SENTENCES.get(type_) or in_words(type_)
