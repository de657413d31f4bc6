"""The questions, as they stand in the addresses of search pages."""

import tomllib
from urllib.parse import parse_qsl, urlsplit
from zoneinfo import ZoneInfo

import msgspec
from sqlalchemy import text

from procurement.bench._stores import Engine
from procurement.infra.tx import Tx
from procurement.kernel.actor import NOBODY
from procurement.publication.asked import PATHS, Asked
from procurement.publication.search.engine import search
from procurement.settings import asset

FIND = {path: find for find, path in PATHS.items()}
BUSIEST = """
    SELECT (SELECT id FROM public_organisation ORDER BY bought DESC, id LIMIT 1) AS buyer,
        (SELECT id FROM public_organisation ORDER BY won DESC, id LIMIT 1) AS supplier
"""


class Later(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A page behind the first one; `page` counts from 1."""

    address: str
    page: int


def questions() -> list[str | Later]:
    """As fixtures/searches.toml writes them."""
    groups = tomllib.loads((asset("fixtures") / "searches.toml").read_text(encoding="utf-8"))
    return [one for group in msgspec.convert(groups, dict[str, list[str | Later]]).values() for one in group]


async def addresses(house: Engine) -> list[str]:
    """Every question of an archive as an address. A page that the archive has not is its last one."""
    async with house.database() as database, database.begin(NOBODY) as tx:
        named = dict((await tx.session.execute(text(BUSIEST))).mappings().one())
        return [await _address(tx, one, named) for one in questions()]


def read(address: str) -> Asked:
    """What the page at an address is asked."""
    where = urlsplit(address)
    return Asked.read(parse_qsl(where.query), FIND[where.path])


def zone(engine: Engine) -> ZoneInfo:
    return ZoneInfo(engine.settings.official_timezone)


async def _address(tx: Tx, one: str | Later, named: dict[str, str]) -> str:
    if isinstance(one, str):
        return one.format(**named)
    asked = read(one.address.format(**named))
    for _ in range(one.page - 1):
        following = (await search(tx, asked.question(tx.now))).next
        asked = msgspec.structs.replace(asked, after=following or asked.after)
    return asked.address(asked.path, after=asked.after)
