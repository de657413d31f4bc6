"""What followers are told, fact by fact."""

from typing import Any

from procurement.awards.rules import AwardAnnounced, TenderUnsuccessful
from procurement.clarifications.rules import QuestionAnswered
from procurement.contracts.rules import ContractSigned
from procurement.infra.outbox import Recorded, handles
from procurement.infra.tx import Tx
from procurement.notices.rules.following import What
from procurement.notices.service.news import spread
from procurement.opening.rules import BidsOpened
from procurement.tenders import service as tenders
from procurement.tenders.rules.facts import DeadlineExtended, TenderCancelled, TenderPublished


async def _spread(tx: Tx, recorded: Recorded[Any], what: What) -> None:
    await spread(tx, recorded, await tenders.tender(tx, recorded.fact.tender), what)


@handles(TenderPublished)
async def news_of_tender(tx: Tx, recorded: Recorded[TenderPublished]) -> None:
    await _spread(tx, recorded, What.PUBLISHED)


@handles(QuestionAnswered)
async def news_of_answer(tx: Tx, recorded: Recorded[QuestionAnswered]) -> None:
    await _spread(tx, recorded, What.ANSWERED)


@handles(DeadlineExtended)
async def news_of_deadline(tx: Tx, recorded: Recorded[DeadlineExtended]) -> None:
    await _spread(tx, recorded, What.MOVED)


@handles(TenderCancelled)
async def news_of_cancellation(tx: Tx, recorded: Recorded[TenderCancelled]) -> None:
    await _spread(tx, recorded, What.CANCELLED)


@handles(BidsOpened)
async def news_of_opening(tx: Tx, recorded: Recorded[BidsOpened]) -> None:
    await _spread(tx, recorded, What.OPENED)


@handles(AwardAnnounced)
async def news_of_award(tx: Tx, recorded: Recorded[AwardAnnounced]) -> None:
    await _spread(tx, recorded, What.AWARDED)


@handles(TenderUnsuccessful)
async def news_of_no_award(tx: Tx, recorded: Recorded[TenderUnsuccessful]) -> None:
    await _spread(tx, recorded, What.UNSUCCESSFUL)


@handles(ContractSigned)
async def news_of_contract(tx: Tx, recorded: Recorded[ContractSigned]) -> None:
    await _spread(tx, recorded, What.SIGNED)


HANDLERS = (
    news_of_answer,
    news_of_award,
    news_of_cancellation,
    news_of_contract,
    news_of_deadline,
    news_of_no_award,
    news_of_opening,
    news_of_tender,
)
