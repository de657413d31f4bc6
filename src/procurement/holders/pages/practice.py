"""Taking the key of a fictional holder, to practise an opening."""

from litestar import Controller, Response, get
from litestar.di import NamedDependency

from procurement.holders import practice, service
from procurement.holders.pages.proofs import AGE, saved
from procurement.infra.tx import Tx
from procurement.infra.web import access
from procurement.kernel.permissions import P
from procurement.kernel.refusal import Refused
from procurement.settings import Settings


class PracticeKeyPages(Controller):
    path = "/practice"
    include_in_schema = False

    @get("/holder-key", opt=access(P.HOLDER_KEEP))
    async def take(self, tx: NamedDependency[Tx], settings: NamedDependency[Settings]) -> Response[bytes]:
        held = await service.must_own(tx)
        file = practice.key_file(tx, settings.data, held.id)
        if file is None:
            raise Refused("key-file-unknown", "There is no practice file of this key.", status=404)
        return saved(file, "practice-key.age", AGE)
