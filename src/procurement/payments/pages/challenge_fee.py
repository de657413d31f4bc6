"""What a challenge would cost by a rulebook: anybody works it out before deciding to bring one."""

from litestar import Controller, get
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from litestar.response import Template

from procurement.infra.tx import Tx
from procurement.infra.web import access, page
from procurement.payments.rules.challenge_fee import fees_of
from procurement.rulebooks import service as rulebooks


class ChallengeFeePages(Controller):
    path = "/rulebooks/{rulebook_id:str}/challenge-fee"
    include_in_schema = False

    @get("/", opt=access("public"))
    async def work_out(
        self, tx: NamedDependency[Tx], rulebook_id: FromPath[str], value: FromQuery[str] = ""
    ) -> Template:
        """Without a value, the form alone."""
        rulebook = await rulebooks.get(tx, rulebook_id)
        fees = None
        async with tx.trying() as tried:
            fees = fees_of(rulebook, value) if value.strip() else None
        typed = {"value": value}
        return page("payments/challenge_fee.html", refused=tried.refused, typed=typed, rulebook=rulebook, fees=fees)
