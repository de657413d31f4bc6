"""The links in letters: no account is asked, as whoever holds the letter may. A GET changes nothing: programs follow
links, too."""

from typing import Any

from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from procurement.infra.tx import Tx
from procurement.infra.web import access, page
from procurement.notices.service import bounces, stopping


class LetterPages(Controller):
    include_in_schema = False

    @get("/unsubscribe/{letter_id:str}", opt=access("public"))
    async def unsubscribe(self, tx: NamedDependency[Tx], letter_id: FromPath[str]) -> Response[Any]:
        await stopping.follows_of(tx, letter_id)
        return page("notices/letter.html", done=False, what="unsubscribe", letter=letter_id)

    @post("/unsubscribe/{letter_id:str}", opt=access("public"))
    async def stop(self, tx: NamedDependency[Tx], letter_id: FromPath[str]) -> Response[Any]:
        await stopping.stop(tx, letter_id)
        return page("notices/letter.html", done=True, what="unsubscribe", letter=letter_id)

    @get("/mail/confirm/{letter_id:str}", opt=access("public"))
    async def arrived(self, letter_id: FromPath[str], tx: NamedDependency[Tx]) -> Response[Any]:
        await bounces.must_be_a_question(tx, letter_id)
        return page("notices/letter.html", done=False, what="confirm", letter=letter_id)

    @post("/mail/confirm/{letter_id:str}", opt=access("public"))
    async def confirm(self, tx: NamedDependency[Tx], letter_id: FromPath[str]) -> Response[Any]:
        await bounces.confirm(tx, letter_id)
        return page("notices/letter.html", done=True, what="confirm", letter=letter_id)


ROUTES = (LetterPages,)
