"""Loading the practice republic: once, into an empty sandbox."""

import tomllib

import msgspec
from sqlalchemy import text

from procurement.demo.holding import Keyring
from procurement.demo.people import Organisation, settle
from procurement.demo.procurement import Procurement
from procurement.demo.script import Script
from procurement.demo.theatre import Theatre
from procurement.kernel.actor import system
from procurement.kernel.permissions import Role
from procurement.publication.rules.classification import Label
from procurement.publication.service import classification
from procurement.rulebooks import service as rulebooks
from procurement.settings import Settings, asset

OFFICE = "State Procurement Office"
RULEBOOK = "rulebooks/model-law.toml"


async def load(settings: Settings) -> bool:
    """Load it; returns whether there was anything to do. RuntimeError on a database that is no sandbox."""
    theatre = Theatre(settings)
    try:
        if not await theatre.database.is_sandbox():
            raise RuntimeError("The practice republic is loaded into a sandbox only.")
        if await _is_there(theatre):
            return False
        await theatre.prepare()
        await _found(theatre)
        scripts = msgspec.convert(_fixture("procurements.toml")["procurements"], list[Script])
        await _name_codes(theatre, scripts)
        first = min(script.published for script in scripts) - 1
        await theatre.set_clock(first)
        await _put_rules_in_force(theatre)
        keyring = Keyring(theatre)
        await theatre.play(Procurement(theatre, script, keyring).play() for script in scripts)
        await theatre.sequence()
        return True
    finally:
        await theatre.close()


def _fixture(name: str) -> dict[str, object]:
    return tomllib.loads((asset("fixtures") / name).read_text())


async def _is_there(theatre: Theatre) -> bool:
    async with theatre.database.engine.connect() as connection:
        return bool(await connection.scalar(text("SELECT EXISTS (SELECT FROM tender)")))


async def _found(theatre: Theatre) -> None:
    organisations = msgspec.convert(_fixture("republic.toml")["organisations"], list[Organisation])
    async with theatre.database.begin(system("demo")) as tx:
        theatre.cast = await settle(tx, theatre.keyholder, organisations)
    theatre.enrolled = await theatre.step()


async def _name_codes(theatre: Theatre, scripts: list[Script]) -> None:
    """The few codes that are spoken of here; a whole classification is loaded by its command."""
    titles = {item.cpv: item.cpv_title for script in scripts for lot in script.lots for item in lot.items}
    async with theatre.database.begin(system("demo")) as tx:
        await classification.load(tx, "CPV", "en", [Label(code, title) for code, title in titles.items()])


async def _put_rules_in_force(theatre: Theatre) -> None:
    async with theatre.acting(OFFICE, Role.ADMINISTRATOR) as tx:
        rulebook = await rulebooks.load(tx, (asset("fixtures") / RULEBOOK).read_bytes())
        await rulebooks.propose(tx, rulebook.id)
    async with theatre.acting(OFFICE, Role.ADMINISTRATOR, 1) as tx:
        await rulebooks.activate(tx, rulebook.id)
