"""Cosignatures of independent witnesses under our checkpoints: what is stored of them, and what is served.

A witness signs only what continues everything that it signed before. So whoever asks for its cosignature cannot be
shown another history than the rest of the world.
"""

from collections.abc import Sequence
from datetime import datetime

import msgspec
from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from procurement.infra.ledger.tables import LedgerCheckpoint, LedgerCosignature
from procurement.kernel.checkpoint import BadNote
from procurement.kernel.cosignature import WitnessKey

LOOKED_AT = 64  # newest cosigned checkpoints among which the one with the most cosignatures is chosen


class Witness(msgspec.Struct, frozen=True):
    """Somebody else's server that cosigns our checkpoints: its public key, and the address below which it answers."""

    key: WitnessKey
    url: str


class Standing(msgspec.Struct, frozen=True):
    """How far a witness has followed: the newest checkpoint that it cosigned, and when. `name` is its key's."""

    name: str
    size: int
    at: datetime


def named(setting: str) -> list[Witness]:
    """The witnesses of LEDGER_WITNESSES: a key and an address each, in lines or all in one. BadNote says what is
    wrong."""
    words = setting.split()
    if len(words) % 2:
        raise BadNote("write a key and an address for each witness: NAME+ID+KEY https://…")
    pairs = zip(words[::2], words[1::2], strict=True)
    return [Witness(WitnessKey.parse(key), url.rstrip("/")) for key, url in pairs]


async def with_cosignatures(session: AsyncSession, checkpoint: LedgerCheckpoint) -> str:
    """The signed note as it is served: the log's own signature, then those of its witnesses."""
    lines = select(LedgerCosignature.line).where(LedgerCosignature.size == checkpoint.size)
    found = await session.scalars(lines.order_by(LedgerCosignature.witness))
    return (checkpoint.note or "") + "".join(found)


async def best(session: AsyncSession, above: int) -> LedgerCheckpoint | None:
    """Of the newest checkpoints with more than `above` entries the one that most witnesses cosigned; None without.

    What they cosigned under an earlier name of the log (`origin`) proves nothing about the present one.
    """
    name = func.split_part(LedgerCheckpoint.note, "\n", 1)
    signed = select(name).where(LedgerCheckpoint.note.is_not(None)).order_by(LedgerCheckpoint.size.desc()).limit(1)
    newest = (
        select(LedgerCosignature.size)
        .where(LedgerCosignature.size > above)
        .group_by(LedgerCosignature.size)
        .order_by(LedgerCosignature.size.desc())
        .limit(LOOKED_AT)
        .subquery()
    )
    counted = (
        select(LedgerCosignature.size)
        .join(LedgerCheckpoint, LedgerCheckpoint.size == LedgerCosignature.size)
        .where(LedgerCosignature.size.in_(select(newest.c.size)), name == signed.scalar_subquery())
        .group_by(LedgerCosignature.size)
        .order_by(func.count().desc(), LedgerCosignature.size.desc())
        .limit(1)
    )
    return await session.scalar(select(LedgerCheckpoint).where(LedgerCheckpoint.size == counted.scalar_subquery()))


async def standings(session: AsyncSession, keys: Sequence[str]) -> list[Standing]:
    """The newest cosignature of each of these witnesses (verifier keys) that ever cosigned."""
    found = [await session.scalar(_newest_of(key)) for key in keys]
    return [Standing(WitnessKey.parse(one.witness).name, one.size, one.at) for one in found if one]


async def configured(session: AsyncSession, setting: str) -> list[Standing]:
    """The same of those that LEDGER_WITNESSES names; empty where the log is unwitnessed."""
    return await standings(session, [str(witness.key) for witness in named(setting)])


def _newest_of(key: str) -> Select[LedgerCosignature]:
    mine = select(LedgerCosignature).where(LedgerCosignature.witness == key)
    return mine.order_by(LedgerCosignature.size.desc()).limit(1)
