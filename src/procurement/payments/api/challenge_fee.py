"""What a challenge would cost, for programs."""

from litestar import Controller, get
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from procurement.infra.tx import Tx
from procurement.infra.web import access
from procurement.payments.rules.challenge_fee import Fees, fees_of
from procurement.rulebooks import service as rulebooks


class ChallengeFeeApi(Controller):
    path = "/api/v1/rulebooks/{rulebook_id:str}/challenge-fee"
    tags = ("rulebooks",)

    @get("/", opt=access("public"))
    async def work_out(self, tx: NamedDependency[Tx], rulebook_id: FromPath[str], value: FromQuery[str]) -> Fees:
        """The fee of a challenge by this rulebook. `value` is the estimate of what is challenged, in major units of its
        currency: the lot's where a lot is concerned. 0.00 where the rulebook asks no fee."""
        return fees_of(await rulebooks.get(tx, rulebook_id), value)
