"""Statements of the treasury's account: taken in as a file, with what each line turned out to be."""

from litestar import Controller, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect, Template

from procurement.infra.tx import Tx
from procurement.infra.web import access, page, see_other
from procurement.infra.web.door import AnyRequest, Door
from procurement.infra.web.rates import UPLOADS
from procurement.infra.web.upload import FileForm
from procurement.kernel.permissions import P
from procurement.kernel.refusal import Refused
from procurement.payments import service
from procurement.payments.pages.treasury.shown import names
from procurement.payments.rules.statement import LIMIT
from procurement.payments.service import transfer, transfer_lines, transfer_statements
from procurement.payments.service.transfer_lines import Told

SHOWN_AGAIN = (400, 409, 413, 422)


class StatementPages(Controller):
    path = "/treasury/statements"
    include_in_schema = False

    @get("/", opt=access(P.PAYMENT_READ))
    async def listed(self, tx: NamedDependency[Tx], done: FromQuery[str] = "") -> Template:
        """With the line that somebody has just said what it is, what became of it."""
        return await _list(tx, done=await transfer_lines.told(tx, done) if done else None)

    @post("/", opt=access(P.PAYMENT_RECORD) | UPLOADS, request_max_body_size=None)
    async def take_in(self, request: AnyRequest, door: NamedDependency[Door]) -> Redirect | Template:
        """Who may not do it is told before a byte is read; the file's own limit ends it, so that its refusal is a page
        and not a broken connection."""
        form = FileForm(request)
        try:
            async with door.open(request) as tx:
                transfer_statements.must_take_in(tx)
            fields = await form.fields()
            door.check_token(request, fields.texts.get("_token", ""))
            file = await _whole(form)
            async with door.open(request) as tx:
                taken = await transfer_statements.import_statement(tx, file)
        except Refused as no:
            await form.drain()
            if no.status not in SHOWN_AGAIN:
                raise
            async with door.open(request) as tx:
                return await _list(tx, no)
        again = "?again=1" if taken.again else ""
        return see_other(f"/treasury/statements/{taken.id}{again}")

    @get("/{statement_id:str}", opt=access(P.PAYMENT_READ))
    async def one(
        self,
        tx: NamedDependency[Tx],
        statement_id: FromPath[str],
        after: FromQuery[int] = 0,
        again: FromQuery[bool] = False,
    ) -> Template:
        found = await transfer_statements.statement(tx, statement_id)
        lines = await transfer_lines.of_statement(tx, statement_id, after)
        known = await names(tx, [], [found.imported_by])
        charges = await service.charges(tx, {line.charge for line in lines} - {""})
        more = lines[-1].line.number if len(lines) == transfer_lines.PAGE else 0
        return page(
            "payments/bank_statement.html",
            statement=found,
            lines=lines,
            names=known,
            charges=charges,
            more=more,
            again=again,
        )


async def _whole(form: FileForm) -> bytes:
    """The file, of which no more is held than may come. Refused("file-too-large", 413), ("form-malformed", 400)."""
    held = bytearray()
    async for part in form.chunks():
        held += part
        if len(held) > LIMIT:
            raise Refused("file-too-large", f"A file may have at most {LIMIT:,} bytes.", status=413)
    await form.finish()
    return bytes(held)


async def _list(tx: Tx, refused: Refused | None = None, done: Told | None = None) -> Template:
    found = await transfer_statements.statements(tx)
    waiting = await transfer_lines.worklist(tx)
    left = await transfer_lines.waiting(tx)
    charges = await service.charges(tx, {line.charge for line in waiting} - {""})
    known = await names(tx, [], [one.imported_by for one in found])
    return page(
        "payments/bank_statements.html",
        refused=refused,
        typed=None,
        done=done,
        statements=found,
        worklist=waiting,
        left=left,
        charges=charges,
        names=known,
        ours=transfer.ours(),
        limit=LIMIT,
    )
