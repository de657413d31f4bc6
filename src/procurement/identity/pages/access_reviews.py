"""Reviewing who has access: an organisation's own review, and for oversight those that are overdue."""

from datetime import datetime
from typing import Any

import msgspec
from litestar import Controller, Response, get, post
from litestar.di import NamedDependency

from procurement.identity.rules.access import Access
from procurement.identity.service import access_reviews, delegations, people, registry
from procurement.infra.tx import Tx
from procurement.infra.web import access, page, read_form, see_other
from procurement.infra.web.csv_file import csv_file
from procurement.infra.web.door import AnyRequest
from procurement.kernel.permissions import P
from procurement.kernel.refusal import Refused

OURS = "/organisation/review"
HEADER = ("Person", "E-mail", "Role", "Since", "Last seen", "Proof", "Tokens", "In place of", "Until")


class ReviewForm(msgspec.Struct, frozen=True):
    """`seen` are the ids of what the page showed, `ended` those that were ticked."""

    seen: list[str] = []  # msgspec copies it
    ended: list[str] = []


class AccessReviewPages(Controller):
    include_in_schema = False

    @get(OURS, opt=access(P.ORGANISATION_MANAGE))
    async def review_page(self, tx: NamedDependency[Tx]) -> Response[Any]:
        return await _review(tx)

    @post(OURS, opt=access(P.ORGANISATION_MANAGE))
    async def review(self, request: AnyRequest, tx: NamedDependency[Tx]) -> Response[Any]:
        async with tx.trying() as tried:
            form = await read_form(request, ReviewForm)
            await access_reviews.review(tx, tx.actor.organisation, form.seen, form.ended)
        if tried.refused and tried.refused.status in (409, 422):
            return await _review(tx, tried.refused, request.state.typed)
        if tried.refused:
            raise tried.refused
        return see_other("/organisation")

    @get(f"{OURS}.csv", opt=access(P.ORGANISATION_MANAGE))
    async def table(self, tx: NamedDependency[Tx]) -> Response[bytes]:
        """The same list as a file, one line for each role and each deputy."""
        ours = tx.actor.organisation
        found, lent = await access_reviews.access(tx, ours), await delegations.ours(tx, ours)
        names = await people.person_names(tx, {person for one in lent for person in (one.giver, one.deputy)})
        rows = [
            (one.name, one.email, str(holding.role), _day(holding.since), _day(one.last_seen), _proof(one),
             ", ".join(one.tokens), "", "")
            for one in found for holding in one.holdings
        ]  # fmt: skip
        rows += [
            (names[one.deputy], "", str(one.role), _day(one.starts_at), "", "", "", names[one.giver], _day(one.ends_at))
            for one in lent
        ]
        return csv_file(f"access-{tx.real_now:%Y-%m-%d}.csv", HEADER, rows)

    @get("/reviews", opt=access(P.ACCESS_OVERSEE))
    async def overdue(self, tx: NamedDependency[Tx]) -> Response[Any]:
        return page("identity/overdue.html", reviews=await access_reviews.overdue(tx))


def _day(at: datetime | None) -> str:
    return f"{at:%Y-%m-%d}" if at else ""


def _proof(one: Access) -> str:
    app = ["authenticator app"] if one.app else []
    keys = [f"{one.passkeys} passkeys"] if one.passkeys else []
    return ", ".join(app + keys) or "password alone"


async def _review(tx: Tx, refused: Refused | None = None, typed: dict[str, Any] | None = None) -> Response[Any]:
    ours = tx.actor.organisation
    tx.actor.must(P.ORGANISATION_MANAGE, of=ours)
    lent = await delegations.ours(tx, ours)
    return page(
        "identity/review.html",
        refused=refused,
        typed=typed,
        organisation=await registry.organisation(tx, ours),
        review=await access_reviews.state(tx, ours),
        access=await access_reviews.access(tx, ours),
        lent=lent,
        names=await people.person_names(tx, {person for one in lent for person in (one.giver, one.deputy)}),
        months=access_reviews.months(),
        real_now=tx.real_now,
    )
