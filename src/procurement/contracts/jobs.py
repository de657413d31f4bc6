"""What follows when the last thing of a procurement is decided or signed: deposits go back.

A lot without an acceptable bid may be the last to be decided, after other lots' contracts: so that is heard here too.
"""

from procurement.awards.rules import TenderUnsuccessful
from procurement.contracts.rules import ContractSigned
from procurement.contracts.service.deposits import release_when_over
from procurement.infra.outbox import Recorded, handles
from procurement.infra.tx import Tx


@handles(ContractSigned)
async def release_after_contract(tx: Tx, recorded: Recorded[ContractSigned]) -> None:
    await release_when_over(tx, recorded.fact.tender)


@handles(TenderUnsuccessful)
async def release_without_award(tx: Tx, recorded: Recorded[TenderUnsuccessful]) -> None:
    await release_when_over(tx, recorded.fact.tender)


HANDLERS = (release_after_contract, release_without_award)
