"""Sealed parts as they arrive over HTTP, from a program or from a browser: no transaction is held open meanwhile."""

import hashlib
from collections.abc import AsyncIterator

from litestar.exceptions import HTTPException

from procurement.bids import service
from procurement.bids.service import parts
from procurement.infra import quota
from procurement.infra.files import Files
from procurement.infra.web import pace
from procurement.infra.web.door import AnyRequest, Door
from procurement.kernel.refusal import Refused
from procurement.kernel.sealing import Blob
from procurement.kernel.sealing.parts import SEALED_PART_LIMIT


async def part(request: AnyRequest, door: Door, files: Files, tender_id: str, sha256: str, most: int) -> Blob:
    """Store one sealed part under the SHA-256 of its bytes; `most` is what an organisation may store, in bytes.

    Refused as `parts.reserve` and `parts.store`, and "upload-broken" (400)."""
    async with door.open(request) as tx:
        promise = await parts.reserve(tx, tender_id, SEALED_PART_LIMIT, most)
    async with quota.held(door.database, promise):
        blob = await parts.store(files, sha256, body(request))
        async with door.open(request) as tx:
            await parts.register(tx, tender_id, [blob])
    return blob


async def again(request: AnyRequest, door: Door, files: Files, digest: str, sha256: str) -> Blob:
    """Store a part of an acknowledged bid once more, by the bid's digest and the part's own.

    Refused as `service.depositable` and `parts.store`, and "upload-broken" (400)."""
    async with door.open(request) as tx:
        await service.depositable(tx, digest, sha256)
    blob = await parts.store(files, sha256, body(request))
    async with door.open(request) as tx:
        await service.deposited(tx, digest, blob)
    return blob


async def weighed(request: AnyRequest) -> Blob:
    """What arrived, of which nothing is kept."""
    digest, size = hashlib.sha256(), 0
    async for chunk in body(request):
        digest.update(chunk)
        size += len(chunk)
    return Blob(digest.hexdigest(), size)


async def body(request: AnyRequest) -> AsyncIterator[bytes]:
    """The bytes as they come. Refused("upload-broken", 400) when the sender has gone, and "upload-slow" (408)."""
    try:
        async for chunk in pace.stream(request):
            yield chunk
    except HTTPException as broken:
        if broken.status_code < 500:
            raise
        raise Refused("upload-broken", "The upload ended before the part was complete.", status=400) from None
