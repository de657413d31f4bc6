"""What follows for notices when somebody's account ends."""

from procurement.identity.rules.membership import PersonErased
from procurement.infra.outbox import Recorded, handles
from procurement.infra.tx import Tx
from procurement.notices.service.kept import forget


@handles(PersonErased)
async def forget_person(tx: Tx, recorded: Recorded[PersonErased]) -> None:
    await forget(tx, recorded.fact.person)


HANDLERS = (forget_person,)
