"""Proving that one still has one's key: by the page's script, or with the offline tool and two files."""

from typing import Any

import msgspec
from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect, Template

from procurement.holders import service
from procurement.holders.pages.shared import OWN, again
from procurement.holders.rules.keys import read_out
from procurement.infra.tx import Tx
from procurement.infra.web import access, page, read_form, see_other
from procurement.infra.web.door import AnyRequest
from procurement.kernel.permissions import P
from procurement.kernel.refusal import Refused

AGE = "application/octet-stream"


class AskForm(msgspec.Struct, frozen=True):
    """`tender` is the one that the proof is for, "" for none."""

    tender: str = ""


class AnswerForm(msgspec.Struct, frozen=True):
    answer: str


class ProofPages(Controller):
    path = OWN + "/challenges"
    include_in_schema = False

    @post("/", opt=access(P.HOLDER_KEEP))
    async def ask(self, request: AnyRequest, tx: NamedDependency[Tx]) -> Redirect:
        """A fresh one each time."""
        form = await read_form(request, AskForm)
        return see_other(f"{OWN}/challenges/{(await service.ask(tx, form.tender)).id}")

    @get("/{challenge_id:str}", opt=access(P.HOLDER_KEEP))
    async def show(self, tx: NamedDependency[Tx], challenge_id: FromPath[str]) -> Template:
        return await _page(tx, challenge_id)

    @post("/{challenge_id:str}", opt=access(P.HOLDER_KEEP))
    async def answer(
        self, request: AnyRequest, tx: NamedDependency[Tx], challenge_id: FromPath[str]
    ) -> Redirect | Template:
        async with tx.trying() as tried:
            form = await read_form(request, AnswerForm)
            await service.answer(tx, challenge_id, form.answer)
        if no := again(tried):
            return await _page(tx, challenge_id, no, request.state.typed)
        return see_other(f"{OWN}/challenges/{challenge_id}")

    @get("/{challenge_id:str}/challenge.age", opt=access(P.HOLDER_KEEP))
    async def download(self, tx: NamedDependency[Tx], challenge_id: FromPath[str]) -> Response[bytes]:
        """For `procurement holder answer`."""
        found = await service.challenge(tx, challenge_id)
        return saved(found.sealed, "challenge.age", AGE)


async def _page(
    tx: Tx, challenge_id: str, refused: Refused | None = None, typed: dict[str, Any] | None = None
) -> Template:
    found = await service.challenge(tx, challenge_id)
    return page(
        "holders/challenge.html",
        refused=refused,
        typed=typed,
        challenge=found,
        fingerprint=read_out(found.holder.fingerprint),
        roster=await service.roster(tx, found.subject) if found.subject else None,
    )


def saved(content: bytes, name: str, media_type: str) -> Response[bytes]:
    """A file to be saved under this name."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type=media_type, headers=headers)
