"""Versions of what programs read and change: `ETag`, `If-None-Match` and `If-Match` (RFC 9110), in one place.

The version of a resource is the digest of what its address answers to whoever asks, so no change of it can be missed
and nothing has to be counted up. A route that changes something names that resource in its `opt`. The door then looks
at it as whoever asks may, takes the locks that its writers take, looks again, and lets only those in who saw it as it
is. So nobody who may not see it, or whose people may not change it, ever keeps its writers waiting. Parts of an answer
are never served, so one tag stands for a body and for the same body compressed.
"""

import hashlib
from collections.abc import Awaitable, Callable
from typing import Any, get_type_hints

import msgspec
from litestar import Request, Response
from litestar.serialization import default_serializer

from procurement.infra.tx import Tx
from procurement.infra.web import csrf
from procurement.kernel.permissions import P
from procurement.kernel.refusal import Refused

ENCODER = msgspec.json.Encoder(enc_hook=default_serializer)
NAMED = 32  # hexadecimal digits of a tag: 128 bits


class Resource(msgspec.Struct, frozen=True):
    """Something that is read at `address` and changed by other routes.

    `path` are the parameters of the address. `lock(tx, **path)` takes the locks that every writer takes first;
    `view(tx, **path)` is what the address answers, as the same function that answers there. Where more
    people see it than may change it, `owner(tx, **path)` is the organisation whose permission the route needs.
    """

    address: str
    path: tuple[str, ...]
    lock: Callable[..., Awaitable[object]]
    view: Callable[..., Awaitable[object]]
    owner: Callable[..., Awaitable[str]] | None = None

    @property
    def answers(self) -> Any:
        """The type of what the address answers."""
        return get_type_hints(self.view).get("return")


def changes(resource: Resource, *, must_be_known: bool = False) -> dict[str, Any]:
    """For the `opt` of a route that changes this. With `must_be_known` nobody may change it without having seen it."""
    return {"changes": resource, "must_be_known": must_be_known}


def tag(content: object) -> str:
    """The strong entity tag of an answer. `now` is the moment of the answer, not a part of what it describes."""
    if isinstance(content, msgspec.Struct) and "now" in content.__struct_fields__:
        content = msgspec.structs.replace(content, now=None)
    body = content if isinstance(content, bytes) else ENCODER.encode(content)
    return f'"{hashlib.sha256(body).hexdigest()[:NAMED]}"'


async def must_match(request: Request[Any, Any, Any], tx: Tx) -> None:
    """Refused("changed-meanwhile", 412) unless the resource still is what `If-Match` names, and stays so.

    Refused("version-needed", 428) without the header where it is asked for; ("no-version", 412) where there is no
    resource that the header could speak of.
    """
    opt, wanted = request.route_handler.opt, request.headers.get("if-match", "")
    resource: Resource | None = opt.get("changes")
    if request.method in csrf.SAFE or not (wanted or opt.get("must_be_known")):
        return
    if not wanted:
        raise Refused(
            "version-needed",
            "Say which version you change: send the ETag of what you read as If-Match. Nothing was changed.",
            status=428,
        )
    if resource is None:
        raise Refused("no-version", "What is made here has no version yet. Leave If-Match away.", status=412)
    path = {name: request.path_params[name] for name in resource.path}
    await _must_be_as(wanted, tx, resource, path)
    if resource.owner:
        tx.actor.must(P(opt["access"]), of=await resource.owner(tx, **path))
    tx.session.expunge_all()  # rows seen before the lock may no longer be true after it
    await resource.lock(tx, **path)
    await tx.clock()
    await _must_be_as(wanted, tx, resource, path)


async def _must_be_as(wanted: str, tx: Tx, resource: Resource, path: dict[str, str]) -> None:
    if tag(await resource.view(tx, **path)) not in _tags(wanted) and wanted.strip() != "*":
        raise Refused(
            "changed-meanwhile",
            "It was changed since you read it. Nothing of yours was done. Read it again, then decide again.",
            status=412,
        )


def marked(request: Request[Any, Any, Any], response: Response[Any]) -> Response[Any]:
    """The answer with its `ETag`: what was read, or what a change made of its resource; 304 for whoever has it."""
    content = response.content
    if response.status_code is None or response.status_code >= 300:
        return response
    if request.method in ("GET", "HEAD"):
        found = response.headers.setdefault("ETag", tag(content))
        if found in _tags(request.headers.get("if-none-match", ""), weak=True):
            kept = {name: value for name, value in response.headers.items() if name.lower() != "content-type"}
            return Response(None, status_code=304, headers=kept)
    elif (resource := request.route_handler.opt.get("changes")) and type(content) is resource.answers:
        response.headers["ETag"] = tag(content)
    return response


def _tags(header: str, *, weak: bool = False) -> set[str]:
    """The tags of a header. A weak one never matches strongly, which is what changes ask for."""
    listed = {one.strip() for one in header.split(",")}
    return {one.removeprefix("W/") for one in listed} if weak else listed
