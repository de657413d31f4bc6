"""Key holders for programs: the same services as the pages. Secrets stay on the holder's device: what is sent here are
public halves, answers and signatures that `procurement holder`, or a client of one's own, made."""

import base64
from datetime import datetime

import msgspec
from litestar import Controller, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from procurement.holders import service
from procurement.holders.rules.duties import Duty, duties
from procurement.holders.rules.keys import PublicKey
from procurement.holders.rules.model import Holder, Level, State
from procurement.infra.tx import Tx
from procurement.infra.web import access
from procurement.kernel.permissions import P
from procurement.kernel.sealing.roster import Holder as Member

BEARER: list[dict[str, list[str]]] = [{"bearer": []}]


class HolderView(msgspec.Struct, frozen=True, kw_only=True):
    """A key by office. `fingerprint` is the SHA-256 (hex) of JCS {type: "holder-public/v1", holder, age, sign}."""

    id: str
    organisation: str
    office: str
    age: str
    sign: str
    fingerprint: str
    state: State
    enrolled_at: datetime
    proved_at: datetime | None
    confirmed_at: datetime | None
    ended_at: datetime | None

    @classmethod
    def of(cls, holder: Holder) -> "HolderView":
        return cls(**{name: getattr(holder, name) for name in cls.__struct_fields__})


class OwnKey(msgspec.Struct, frozen=True, kw_only=True):
    """One's own key, None before there is one, and what is asked of it."""

    key: HolderView | None
    duties: list[Duty]


class NewKey(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`office` in words, as "Head of internal audit"; `key` as `procurement holder new` prints it."""

    office: str
    key: PublicKey


class AskedFor(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`tender` in whose roster the key stands, "" for none."""

    tender: str = ""


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """`sealed` is base64 of an age file to the key: JCS {type: "pop/v1", tender, member, nonce}. The answer is the
    SHA-256 (hex) of that plaintext, within a day."""

    id: str
    holder: str
    tender: str
    sealed: str
    answered: bool

    @classmethod
    def of(cls, found: service.Challenge) -> "Asked":
        sealed = base64.b64encode(found.sealed).decode()
        return cls(id=found.id, holder=found.holder.id, tender=found.subject, sealed=sealed, answered=found.answered)


class Answer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    answer: str


class Signature(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`roster` is the hash of the roster that was read; `signature` base64 of Ed25519 over JCS {type:
    "roster-signature/v1", tender, roster}."""

    roster: str
    signature: str


class RosterView(msgspec.Struct, frozen=True, kw_only=True):
    """Who holds the second lock of a tender: any `m` of `holders`, whose place counts from 1, open together with the
    keyholder. `sha256` is the hash of the canonical {type: "roster/v1", tender, level, m, holders}; `signatures` are by
    the holder's id."""

    tender: str
    level: Level
    m: int
    holders: tuple[Member, ...]
    sha256: str
    signatures: dict[str, str]
    frozen_at: datetime | None
    opening_at: datetime | None

    @classmethod
    def of(cls, chosen: service.Chosen) -> "RosterView":
        return cls(
            tender=chosen.subject,
            level=chosen.level,
            m=chosen.quorum,
            holders=chosen.roster.holders,
            sha256=chosen.sha256,
            signatures=chosen.signatures,
            frozen_at=chosen.frozen_at,
            opening_at=chosen.opening_at,
        )


class HolderApi(Controller):
    path = "/api/v1/key-holders"
    tags = ("key holders",)

    @get("/", opt=access("public"))
    async def confirmed(self, tx: NamedDependency[Tx]) -> list[HolderView]:
        """Every key that a tender may be sealed to, by office, of all organisations; the newest first, at most 200."""
        return [HolderView.of(one) for one in await service.confirmed(tx)]

    @get("/me", opt=access(P.HOLDER_KEEP), security=BEARER)
    async def own(self, tx: NamedDependency[Tx]) -> OwnKey:
        """One's own key for the organisation acted for, and what is asked of it."""
        tx.actor.must(P.HOLDER_KEEP, of=tx.actor.organisation)
        held = await service.own(tx)
        if held is None:
            return OwnKey(key=None, duties=[])
        asked = [one for chosen in await service.own_rosters(tx) for one in duties(chosen, held, tx.now)]
        return OwnKey(key=HolderView.of(held), duties=asked)

    @post("/", opt=access(P.HOLDER_KEEP), security=BEARER)
    async def enrol(self, tx: NamedDependency[Tx], data: JSONBody[NewKey]) -> Asked:
        """Give the public half of a new key, after a fresh proof of identity; the first challenge is the answer."""
        await service.enrol(tx, data.office, data.key)
        return Asked.of(await service.ask(tx))

    @post("/me/challenges", opt=access(P.HOLDER_KEEP), security=BEARER)
    async def ask(self, tx: NamedDependency[Tx], data: JSONBody[AskedFor]) -> Asked:
        """A fresh challenge for one's own key."""
        return Asked.of(await service.ask(tx, data.tender))

    @post("/me/challenges/{challenge_id:str}", opt=access(P.HOLDER_KEEP), status_code=204, security=BEARER)
    async def answer(self, tx: NamedDependency[Tx], challenge_id: FromPath[str], data: JSONBody[Answer]) -> None:
        """Prove that the key is there."""
        await service.answer(tx, challenge_id, data.answer)

    @get("/me/rosters/{tender_id:str}", opt=access(P.HOLDER_KEEP), security=BEARER)
    async def roster(self, tx: NamedDependency[Tx], tender_id: FromPath[str]) -> RosterView:
        """A roster in which one's own key stands, of a draft too."""
        return RosterView.of(await service.own_roster(tx, tender_id))

    @post("/me/rosters/{tender_id:str}/signature", opt=access(P.HOLDER_KEEP), status_code=200, security=BEARER)
    async def sign(self, tx: NamedDependency[Tx], tender_id: FromPath[str], data: JSONBody[Signature]) -> RosterView:
        """Sign a roster with one's own key."""
        await service.sign(tx, tender_id, data.roster, data.signature)
        return RosterView.of(await service.own_roster(tx, tender_id))


ROUTES = (HolderApi,)
