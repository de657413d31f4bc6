"""Following for programs: the same services as the pages."""

from datetime import datetime

import msgspec
from litestar import Controller, Response, delete, get, patch, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from procurement.infra.tx import Tx
from procurement.infra.web import access
from procurement.notices.rules.following import Follow, Kind, Often
from procurement.notices.service import following, stopping

BEARER = [{"bearer": list[str]()}]
SIGNED_IN = access("signed-in")


class NewFollow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`target` is the id of a tender or buyer, or the query of the search page."""

    kind: Kind
    target: str
    often: Often = "daily"


class HowOften(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    often: Often


class FollowedNews(msgspec.Struct, frozen=True):
    """What the token's owner was told: of which tender, what, and when."""

    tender: str
    title: str
    what: str
    at: datetime


class Following(msgspec.Struct, frozen=True):
    """What the token's owner follows, and what they were told last, the newest first."""

    follows: list[Follow]
    news: list[FollowedNews]


class FollowingApi(Controller):
    path = "/api/v1/following"
    tags = ("notices",)

    @get("/", opt=SIGNED_IN, security=BEARER)
    async def following(self, tx: NamedDependency[Tx]) -> Following:
        """What the token's owner follows, and what they were told of it."""
        told = [FollowedNews(one.tender, one.title, one.what, one.at) for one in await following.news(tx)]
        return Following([one for one, _ in await following.mine(tx)], told)

    @post("/", opt=SIGNED_IN, security=BEARER)
    async def follow(self, tx: NamedDependency[Tx], data: JSONBody[NewFollow]) -> Follow:
        """Follow a tender, a buyer or a search. What is followed already is told as often as this says."""
        return await following.follow(tx, data.kind, data.target, data.often)

    @patch("/{follow_id:str}", opt=SIGNED_IN, security=BEARER)
    async def change(self, tx: NamedDependency[Tx], follow_id: FromPath[str], data: JSONBody[HowOften]) -> Follow:
        """Be told more or less often."""
        return await following.change(tx, follow_id, data.often)

    @delete("/{follow_id:str}", opt=SIGNED_IN, security=BEARER)
    async def end(self, tx: NamedDependency[Tx], follow_id: FromPath[str]) -> None:
        """Follow it no longer."""
        await following.end(tx, follow_id)


class UnsubscribeApi(Controller):
    path = "/api/v1/unsubscribe"
    tags = ("notices",)

    @post("/{letter_id:str}", opt=access("public"), status_code=200)
    async def stop(self, tx: NamedDependency[Tx], letter_id: FromPath[str]) -> Response[None]:
        """What mail programs call when somebody ends the letters with one click (RFC 8058). No token is asked."""
        await stopping.stop(tx, letter_id)
        return Response(None)


ROUTES = (FollowingApi, UnsubscribeApi)
