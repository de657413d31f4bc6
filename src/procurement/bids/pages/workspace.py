"""The page of one bid: where it stands, what is left to do, by when."""

import msgspec
from litestar import Controller, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect, Template

from procurement.bids import service
from procurement.bids.latching import Latching
from procurement.bids.pages import cookie
from procurement.bids.rules import limits
from procurement.bids.rules.draft import Contents, Step, missing
from procurement.bids.service import deposits, drafts
from procurement.bids.service.deposits import Deposit
from procurement.bids.service.drafts import Draft
from procurement.identity import service as identity
from procurement.infra.tx import Tx
from procurement.infra.web.door import AnyRequest, Door, access
from procurement.infra.web.forms import read_form
from procurement.infra.web.lifeline import Milestones, Row, line
from procurement.infra.web.pages import page, see_other
from procurement.kernel.permissions import P
from procurement.kernel.refusal import Refused, unknown
from procurement.tenders import service as tenders
from procurement.tenders.rules import Phase, Tender


class KeyForm(msgspec.Struct, frozen=True):
    key: str


class Bench(msgspec.Struct, frozen=True):
    """Everything the pages of one bid show. `contents` is None while this browser cannot read the draft."""

    tender: Tender
    phase: Phase
    stages: tuple[Row, ...]
    bidder: str
    may_submit: bool
    draft: Draft | None
    contents: Contents | None
    mine: service.Standing | None
    deposit: Deposit | None
    lacks: dict[Step, str]

    @property
    def preparing(self) -> bool:
        """Whether there is a draft that is not yet a bid."""
        return self.draft is not None and not self.draft.bid


async def bench(tx: Tx, request: AnyRequest, door: Door, tender_id: str) -> Bench:
    """Load it for the acting organisation. Refused for who may not prepare its bids, or for an unpublished tender."""
    supplier = tx.actor.organisation
    tx.actor.must(P.BID_PREPARE, of=supplier)
    tender = await tenders.public_tender(tx, tender_id)
    draft = await drafts.find(tx, tender_id)
    contents = _readable(draft, cookie.read(request, door, supplier))
    moments = Milestones(
        published_at=tender.published_at,
        questions_until=tender.question_deadline,
        deadline=tender.deadline,
        opening_at=tender.opening_at,
        cancelled_at=tender.cancelled_at,
    )
    return Bench(
        tender=tender,
        phase=tender.phase(tx.now),
        stages=line(moments, tx.now, show=("sealed", "opening")),
        bidder=(await identity.organisation(tx, supplier)).name,
        may_submit=tx.actor.may(P.BID_SUBMIT, of=supplier),
        draft=draft,
        contents=contents,
        mine=await service.my_bid(tx, tender_id),
        deposit=await deposits.mine(tx, tender),
        lacks=missing(tender, contents) if contents is not None else {},
    )


def readable(bench: Bench) -> Contents:
    """The draft's contents. Refused("draft-unknown", 404) or ("draft-elsewhere", 403)."""
    if bench.draft is None:
        raise unknown("draft")
    if bench.contents is None:
        bench.draft.contents("")  # refuses, and says why
        raise unknown("draft")
    return bench.contents


def _readable(draft: Draft | None, key: str) -> Contents | None:
    try:
        return draft.contents(key) if draft and key else None
    except Refused:
        return None


class Workspace(Controller):
    path = "/tenders/{tender_id:str}/bid"
    include_in_schema = False

    @get("/", opt=access(P.BID_PREPARE))
    async def show(
        self,
        request: AnyRequest,
        tx: NamedDependency[Tx],
        door: NamedDependency[Door],
        latching: NamedDependency[Latching],
        tender_id: FromPath[str],
    ) -> Template:
        shown = await bench(tx, request, door, tender_id)
        answer = page("bids/workspace.html", bench=shown, limits=limits)
        if shown.phase is Phase.CLOSED and shown.tender.closed_at is None:
            latching.soon(tender_id)
        return answer

    @post("/start", opt=access(P.BID_PREPARE))
    async def start(
        self, request: AnyRequest, tx: NamedDependency[Tx], door: NamedDependency[Door], tender_id: FromPath[str]
    ) -> Redirect | Template:
        supplier = tx.actor.organisation
        async with tx.trying() as tried:
            _, key = await drafts.start(tx, tender_id, cookie.read(request, door, supplier))
        if tried.refused:
            return await self._page(tx, request, door, tender_id, tried.refused)
        answer = see_other(f"/tenders/{tender_id}/bid")
        answer.cookies.append(cookie.write(door, tender_id, supplier, key))
        return answer

    @post("/discard", opt=access(P.BID_PREPARE))
    async def discard(self, tx: NamedDependency[Tx], door: NamedDependency[Door], tender_id: FromPath[str]) -> Redirect:
        await drafts.discard(tx, tender_id)
        answer = see_other(f"/tenders/{tender_id}/bid")
        answer.cookies.append(cookie.write(door, tender_id, tx.actor.organisation, ""))
        return answer

    @get("/key", opt=access(P.BID_PREPARE))
    async def key(
        self, request: AnyRequest, tx: NamedDependency[Tx], door: NamedDependency[Door], tender_id: FromPath[str]
    ) -> Template:
        """The draft key in words, for a colleague or another browser."""
        shown = await bench(tx, request, door, tender_id)
        readable(shown)
        return page("bids/key.html", bench=shown, key=cookie.read(request, door, tx.actor.organisation))

    @post("/key", opt=access(P.BID_PREPARE))
    async def take_key(
        self, request: AnyRequest, tx: NamedDependency[Tx], door: NamedDependency[Door], tender_id: FromPath[str]
    ) -> Redirect | Template:
        """Go on in this browser with a draft that was started in another one."""
        async with tx.trying() as tried:
            typed = "".join((await read_form(request, KeyForm)).key.lower().split())
            (await drafts.must_find(tx, tender_id)).contents(typed)
        if tried.refused:
            wrong = Refused("draft-key-wrong", "This key does not open the draft.", status=422,
                            fields={"key": "This key does not open the draft. Copy all 52 characters."})  # fmt: skip
            return await self._page(tx, request, door, tender_id, wrong)
        answer = see_other(f"/tenders/{tender_id}/bid")
        answer.cookies.append(cookie.write(door, tender_id, tx.actor.organisation, typed))
        return answer

    async def _page(
        self, tx: Tx, request: AnyRequest, door: Door, tender_id: str, refused: Refused | None = None
    ) -> Template:
        shown = await bench(tx, request, door, tender_id)
        return page("bids/workspace.html", refused=refused, typed={}, bench=shown, limits=limits)
