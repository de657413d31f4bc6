"""Bidding for programs that seal on their own: parts, envelope, receipt. The service never sees a plaintext."""

from datetime import datetime
from typing import Any

import msgspec
from litestar import Controller, Response, delete, get, post, put
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath, JSONBody

from procurement.bids import arriving, service
from procurement.bids.intake import Offer, Turn, provide_turn
from procurement.bids.latching import Latching
from procurement.bids.rules import limits
from procurement.bids.rules.declarations import statements
from procurement.bids.rules.draft import needs_documents
from procurement.bids.rules.submission import kinds
from procurement.bids.service import deposits, parts
from procurement.bids.service.receipts import Received
from procurement.infra.files import Files
from procurement.infra.tx import Tx
from procurement.infra.web.door import AnyRequest, Door, access
from procurement.infra.web.rates import UPLOADS
from procurement.infra.web.rehearsal import NOT_REHEARSED
from procurement.infra.web.repeated import NEEDED
from procurement.infra.web.versions import Resource, changes
from procurement.kernel.checkpoint import SignerKey
from procurement.kernel.permissions import P
from procurement.kernel.refusal import Refused, unknown
from procurement.kernel.sealing import PART, Blob
from procurement.kernel.sealing.declarations import Statement
from procurement.kernel.sealing.opening_key import SignedOpeningKey
from procurement.kernel.sealing.parts import SEALED_PART_LIMIT
from procurement.kernel.sealing.roster import roster_bytes
from procurement.payments.service import Charge
from procurement.settings import Settings
from procurement.tenders import service as tenders


class WhatToSeal(msgspec.Struct, frozen=True):
    """What a client needs to seal and submit. `next_version` goes into the manifest, `revision` into manifest and
    envelope; sizes in bytes.

    `envelopes` are the kinds that make a bid: "single", or "technical" and "financial", each sealed to an identity of
    its own, the one locked to `recipient` and the other to `financial_recipient` ("" where there is none): the price
    list is in the financial envelope alone. Where `financial_lots` names lots (ids), each lot that is bid for has a
    financial envelope of its own, with the lot as its `lot_group`, and the price list of that lot. Both recipients are
    the keyholder's. At levels S2 and S3 `roster` (RFC 8785
    JSON) names the key holders, who each signed it (`signatures`, by the holder's id): check them; at S1 there are
    none. `opening_keys` are what the keyholder of `keyholder_key` (C2SP) signed of each recipient and the time before
    which nothing is opened: check them too; "" and none where the tender was published before it signed. `declarations`
    are confirmed in the bid.
    """

    tender: str
    revision: str
    level: str
    recipient: str
    roster: str
    signatures: dict[str, str]
    declarations: tuple[Statement, ...]
    needs_documents: bool
    supplier: str
    next_version: int
    deadline: datetime | None
    now: datetime
    part_size: int
    bid_limit: int
    submitted: service.Standing | None
    envelopes: tuple[str, ...]
    financial_recipient: str
    financial_lots: tuple[str, ...]
    keyholder_key: str
    opening_keys: tuple[SignedOpeningKey, ...]


class Stored(msgspec.Struct, frozen=True):
    """The parts of one organisation that are durable."""

    parts: list[Blob]


class Withdrawn(msgspec.Struct, frozen=True):
    withdrawn_at: datetime


async def _what_to_seal(tx: Tx, tender_id: str) -> WhatToSeal:
    tender = await tenders.public_tender(tx, tender_id)
    mine, members = await service.my_bid(tx, tender_id), await service.members(tx, tender)
    return WhatToSeal(
        tender=tender.id,
        revision=tender.revision_hash,
        level=tender.seal_level,
        recipient=tender.keyholder_recipient,
        roster=roster_bytes(members.roster).decode() if members else "",
        signatures=members.signatures if members else {},
        declarations=statements(tender),
        needs_documents=needs_documents(tender),
        supplier=tx.actor.organisation,
        next_version=mine.version + 1 if mine else 1,
        deadline=tender.deadline,
        now=tx.now,
        part_size=PART,
        bid_limit=limits.CLIENT_BID_LIMIT,
        submitted=mine,
        envelopes=kinds(tender),
        financial_recipient=tender.financial_recipient or "",
        financial_lots=tender.lots_apart,
        keyholder_key=tender.keyholder_key or "",
        opening_keys=tender.opening_keys or (),
    )


BID = Resource("/api/v1/tenders/{tender_id}/bid", ("tender_id",), service.lock, _what_to_seal)


class Bids(Controller):
    path = "/api/v1/tenders/{tender_id:str}/bid"
    tags = ("bids",)
    security = ({"bearer": []},)

    @get("/", opt=access(P.BID_READ_OWN))
    async def what_to_seal(self, tx: NamedDependency[Tx], tender_id: FromPath[str]) -> WhatToSeal:
        """What to seal for this tender now, and what was submitted so far."""
        return await _what_to_seal(tx, tender_id)

    @post("/deposit", opt=access(P.PAYMENT_PAY), status_code=200)
    async def deposit(self, tx: NamedDependency[Tx], tender_id: FromPath[str]) -> Charge:
        """Be asked for the deposit of this tender: the same charge however often. How to pay it: `/api/v1/charges`."""
        return await deposits.ask(tx, tender_id)

    @get("/parts", opt=access(P.BID_READ_OWN))
    async def stored_parts(self, tx: NamedDependency[Tx], tender_id: FromPath[str]) -> Stored:
        """Which of your parts are durable: go on with the others."""
        return Stored([Blob(sha256, size) for sha256, size in (await parts.stored(tx, tender_id)).items()])

    @get("/parts/{sha256:str}", opt=access(P.BID_READ_OWN))
    async def stored_part(self, tx: NamedDependency[Tx], tender_id: FromPath[str], sha256: FromPath[str]) -> Blob:
        """Whether one part is durable. 404 when it is not."""
        size = (await parts.stored(tx, tender_id)).get(sha256)
        if size is None:
            raise unknown("part")
        return Blob(sha256, size)

    @put(
        "/parts/{sha256:str}",
        opt=access(P.BID_PREPARE) | NOT_REHEARSED | UPLOADS,
        request_max_body_size=SEALED_PART_LIMIT,
        status_code=200,
    )
    async def put_part(
        self,
        request: AnyRequest,
        door: NamedDependency[Door],
        files: NamedDependency[Files],
        settings: NamedDependency[Settings],
        tender_id: FromPath[str],
        sha256: FromPath[str],
    ) -> Blob:
        """Store one sealed part under the SHA-256 of its bytes. Again is the same as once; 422 for another hash."""
        return await arriving.part(request, door, files, tender_id, sha256, settings.storage_quota)

    @post(
        "/",
        opt=access(P.BID_SUBMIT) | changes(BID) | NEEDED | NOT_REHEARSED,
        dependencies={"turn": Provide(provide_turn)},
        status_code=201,
    )
    async def submit(
        self,
        request: AnyRequest,
        turn: NamedDependency[Turn],
        tender_id: FromPath[str],
        data: JSONBody[Offer],
    ) -> Received:
        """Submit a sealed bid; the header `Idempotency-Key` is required. The same key and body again get the same
        receipt, also after the deadline."""
        if turn.received:
            return turn.received
        key = request.headers.get("idempotency-key", "")
        if not 1 <= len(key) <= service.LONGEST_KEY:
            text = f"Send an Idempotency-Key of 1 to {service.LONGEST_KEY} characters."
            raise Refused("idempotency-key-missing", text, status=422)
        offered = service.Submission.sealed(tender_id, data.envelope, data.version, key, data.priced_apart)
        assert turn.alone
        return await turn.alone(offered)

    @delete("/", opt=access(P.BID_WITHDRAW) | changes(BID), status_code=200)
    async def withdraw(
        self, tx: NamedDependency[Tx], latching: NamedDependency[Latching], tender_id: FromPath[str]
    ) -> Withdrawn:
        """Take the bid back. A new version may follow until the deadline."""
        with latching.after(tender_id):
            return Withdrawn(await service.withdraw(tx, tender_id))


class Receipts(Controller):
    path = "/api/v1/receipts"
    tags = ("receipts",)

    @get("/{bid_id:str}", opt=access(P.BID_READ_OWN), security=[{"bearer": []}])
    async def download(self, tx: NamedDependency[Tx], bid_id: FromPath[str]) -> Response[bytes]:
        """The signed receipt of one of your bids, as it was handed out."""
        return Response((await service.receipt(tx, bid_id)).body, media_type="application/json")

    @get("/{bid_id:str}/proof", opt=access(P.BID_READ_OWN), security=[{"bearer": []}])
    async def proof(self, tx: NamedDependency[Tx], bid_id: FromPath[str]) -> Response[bytes]:
        """The receipt with the proof that its entry is in the signed record, as a C2SP tlog-proof; a second after the
        bid was received."""
        return Response(await service.proof_file(tx, bid_id), media_type="text/plain")

    @post("/check", opt=access("public") | {"reads": True}, status_code=200)
    async def check(
        self, tx: NamedDependency[Tx], receipt_key: NamedDependency[SignerKey], data: JSONBody[dict[str, Any]]
    ) -> service.Checked:
        """Check a receipt file: our signature, and the place of its entry in the public record."""
        return await service.check(tx, receipt_key, msgspec.json.encode(data))


class SealedBids(Controller):
    """A receipt is a right to deposit bytes that match its digest: for parts that our storage lost, at any time."""

    path = "/api/v1/sealed-bids/{digest:str}"
    tags = ("bids",)
    security = ({"bearer": []},)

    @get("/lost", opt=access(P.BID_PREPARE))
    async def lost(self, tx: NamedDependency[Tx], digest: FromPath[str]) -> Stored:
        """The parts of your acknowledged bid, by its digest, that we no longer have whole."""
        return Stored([one.blob for one in await service.losses(tx, digest) if one.deposited_at is None])

    @put(
        "/parts/{sha256:str}",
        opt=access(P.BID_PREPARE) | NOT_REHEARSED | UPLOADS,
        request_max_body_size=SEALED_PART_LIMIT,
        status_code=200,
    )
    async def deposit(
        self,
        request: AnyRequest,
        door: NamedDependency[Door],
        files: NamedDependency[Files],
        digest: FromPath[str],
        sha256: FromPath[str],
    ) -> Blob:
        """Give one of them again, also after the deadline. Again is the same as once; 422 for other bytes."""
        return await arriving.again(request, door, files, digest, sha256)


ROUTES = (Bids, Receipts, SealedBids)
