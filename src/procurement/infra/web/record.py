"""The public record over HTTP: checkpoints and tiles as C2SP tlog-tiles, entries with what may be read of them."""

import msgspec
from litestar import Controller, Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from procurement.infra.ledger import service as ledger
from procurement.infra.ledger import stamping, witnesses
from procurement.infra.ledger.proofs import Proof, prove, prove_growth
from procurement.infra.ledger.sequencer import held_tiles
from procurement.infra.tx import Tx
from procurement.infra.web.door import access
from procurement.kernel import tiles
from procurement.kernel.refusal import Refused, unknown
from procurement.settings import Settings

PAGE = 500  # entries an answer holds at most
LONGEST = 100  # digits of an index; of thousands Python makes no number
IMMUTABLE = {"Cache-Control": "public, max-age=31536000, immutable"}


class Entries(msgspec.Struct):
    """Entries from an index on; `next` is where the following page begins."""

    entries: list[ledger.Entry]
    next: int


class Keys(msgspec.Struct):
    """The log's name and the public keys to check it with, each as a C2SP verifier key; those of the keyholder and of
    witnesses are told here for convenience: whoever trusts one of them has its key from its own operator."""

    origin: str
    checkpoints: str
    receipts: str
    keyholder: str
    sandbox: bool
    witnesses: list[str]


class Record(Controller):
    path = "/ledger"
    include_in_schema = False

    @get("/checkpoint", opt=access("public"), media_type="text/plain")
    async def checkpoint(self, tx: NamedDependency[Tx]) -> str:
        """The newest signed checkpoint, with the cosignatures that it has."""
        latest = await ledger.latest_checkpoint(tx.session)
        if latest is None or latest.note is None:
            raise Refused("record-empty", "The record has no entry yet.", status=404)
        return await witnesses.with_cosignatures(tx.session, latest)

    @get("/checkpoint/witnessed", opt=access("public"), media_type="text/plain")
    async def witnessed(self, tx: NamedDependency[Tx]) -> str:
        """Of the newest checkpoints the one that most witnesses cosigned."""
        best = await witnesses.best(tx.session, 0)
        if best is None:
            raise Refused("record-unwitnessed", "No witness has cosigned this record yet.", status=404)
        return await witnesses.with_cosignatures(tx.session, best)

    @get("/tile/{level:int}/{rest:path}", opt=access("public"))
    async def tile(self, tx: NamedDependency[Tx], level: FromPath[int], rest: FromPath[str]) -> Response[bytes]:
        """A tile of hashes; a partial one is named `<index>.p/<width>`."""
        index, width = _index(str(rest))
        held = (await held_tiles(tx.session, [(level, index)])).get((level, index), b"")
        if len(held) < width * tiles.HASH:
            raise unknown("tile")
        return Response(held[: width * tiles.HASH], media_type="application/octet-stream", headers=IMMUTABLE)

    @get("/tile/entries/{rest:path}", opt=access("public"))
    async def bundle(self, tx: NamedDependency[Tx], rest: FromPath[str]) -> Response[bytes]:
        """The entries below a tile of leaves, each with its length before it."""
        index, width = _index(str(rest))
        found = await ledger.leaves(tx.session, index * tiles.WIDTH, width)
        if len(found) < width:
            raise unknown("tile")
        return Response(tiles.bundle(found), media_type="application/octet-stream", headers=IMMUTABLE)

    @get("/entries", opt=access("public"))
    async def entries(
        self, tx: NamedDependency[Tx], start: FromQuery[int] = 0, limit: FromQuery[int] = PAGE
    ) -> Entries:
        found = await ledger.entries(tx.session, max(start, 0), min(max(limit, 1), PAGE))
        return Entries(found, found[-1].index + 1 if found else max(start, 0))

    @get("/process/{ocid:str}", opt=access("public"))
    async def process(self, tx: NamedDependency[Tx], ocid: FromPath[str]) -> list[ledger.Entry]:
        """Every entry of one procurement, in order."""
        return await ledger.of_process(tx.session, ocid)

    @get("/proof/{index:int}", opt=access("public"))
    async def proof(self, tx: NamedDependency[Tx], index: FromPath[int], size: FromQuery[int] = 0) -> Proof:
        """That entry `index` is in the tree of `size` leaves (the newest checkpoint's when 0)."""
        return await prove(tx.session, index, size)

    @get("/consistency", opt=access("public"))
    async def consistency(self, tx: NamedDependency[Tx], old: FromQuery[int], new: FromQuery[int]) -> list[str]:
        """That the tree of `new` entries extends the one of its first `old` (RFC 9162 §2.1.4)."""
        return await prove_growth(tx.session, old, new)

    @get("/timestamps", opt=access("public"))
    async def timestamps(self, tx: NamedDependency[Tx]) -> list[stamping.Stamp]:
        """Which checkpoints an authority stamped (RFC 3161), the newest first."""
        return await stamping.latest(tx.session)

    @get("/timestamps/{size:int}", opt=access("public"))
    async def timestamp(self, tx: NamedDependency[Tx], size: FromPath[int]) -> Response[bytes]:
        """The authority's reply for the checkpoint of that size; it stamped the note with the log's signature alone."""
        return Response(await stamping.reply_of(tx.session, size), media_type=stamping.REPLY, headers=IMMUTABLE)

    @get("/keys", opt=access("public"))
    async def keys(self, tx: NamedDependency[Tx], settings: NamedDependency[Settings]) -> Keys:
        published = await ledger.published_keys(tx.session)
        return Keys(
            origin=await ledger.origin(tx.session),
            checkpoints=published.get("checkpoints", ""),
            receipts=published.get("receipts", ""),
            keyholder=published.get("keyholder", ""),
            sandbox=tx.sandbox,
            witnesses=[str(witness.key) for witness in witnesses.named(settings.ledger_witnesses)],
        )


def _index(path: str) -> tuple[int, int]:
    """`/x001/067.p/12` -> (1067, 12). Refused("tile-unknown", 404) for every other spelling: each would be cached."""
    named = path.strip("/")
    whole, _, width = named.partition(".p/")
    digits = whole.replace("x", "").replace("/", "")
    if not (digits.isdecimal() and len(digits) <= LONGEST and (width or "1").isdecimal() and len(width) <= LONGEST):
        raise unknown("tile")
    index, wide = int(digits), int(width or tiles.WIDTH)
    if not 1 <= wide <= tiles.WIDTH or tiles.path_of((0, index), wide) != f"tile/0/{named}":
        raise unknown("tile")
    return index, wide
