"""What happens to the scene of deposits after bidding: it is opened, judged, awarded."""

from datetime import date, timedelta

from evaluated import THREE, Scene
from tendering import SETUP

from procurement.awards import service as awards
from procurement.awards.service import Choice
from procurement.contracts import service as contracts
from procurement.identity import service as identity
from procurement.kernel.actor import Actor
from procurement.kernel.permissions import Role
from procurement.opening import service as opening

DAY = timedelta(days=1)


async def newcomer(scene: Scene, name: str) -> Actor:
    async with scene.database.begin(SETUP) as tx:
        supplier = await identity.create_organisation(tx, name=name, kind="supplier", country="XM")
    return await scene.person(f"Signatory of {name}", supplier, Role.SIGNATORY)


async def at_the_deadline(scene: Scene) -> dict[str, int]:
    async with scene.as_(scene.town.olga) as tx:
        found = await opening.deposits(tx, await scene.tender())
    assert found
    return {name: found.held[actor.organisation].amount for name, actor in scene.suppliers.items()}


async def opened(scene: Scene) -> None:
    await scene.advance(31 * DAY)
    await scene.open({name.split()[0].lower(): price for name, price in THREE.items()})


async def judged(scene: Scene, *failing: str) -> None:
    await opened(scene)
    await scene.appoint()
    await scene.check(*failing)
    passing = {name: 9 if name == "harbour" else 5 for name in scene.bids if name not in failing}
    for evaluator in (scene.eva, scene.evan):
        await scene.lock(evaluator, **passing)
    await scene.conclude()


async def contract_of(scene: Scene) -> contracts.Contract:
    """Harbour Paving's, drawn up after the standstill."""
    await judged(scene, "brightwater")
    lot = (await scene.tender()).lots[0].id
    async with scene.as_(scene.town.olga) as tx:
        award = await awards.propose(tx, scene.tender_id, Choice(lot), "The best total of two bids.")
    async with scene.as_(scene.town.pia) as tx:
        await awards.approve(tx, award)
    await scene.advance(20 * DAY)
    async with scene.as_(scene.town.olga) as tx:
        period = {"starts_on": date(2030, 1, 1), "ends_on": date(2030, 6, 30)}
        return await contracts.contract(tx, await contracts.draft(tx, scene.files, award, **period))
