"""Whoever holds a role at a bidder does not evaluate, whatever they declared; a deputy inherits no declaration."""

import pytest
from evaluated import SETUP, Scene

from procurement.evaluation import service
from procurement.identity import service as identity
from procurement.kernel.permissions import Role

pytestmark = pytest.mark.anyio


async def join(scene: Scene, person: str, first: str) -> None:
    supplier = scene.suppliers[first].organisation
    async with scene.database.begin(SETUP) as tx:
        await identity.grant(tx, person, supplier, Role.MEMBER)


async def test_a_member_of_a_bidder_cannot_declare_that_there_is_no_conflict(scene: Scene) -> None:
    await scene.appoint(declare=False)
    await join(scene, scene.eva.person, "adler")
    code = await scene.refused(scene.eva, service.declare, scene.tender_id, conflict=False)
    assert code == "conflict-of-interest"
    async with scene.as_(scene.eva) as tx:
        await service.declare(tx, scene.tender_id, conflict=True, statement="I work for Adler.")


async def test_whoever_joins_a_bidder_after_declaring_sees_nothing_more(scene: Scene) -> None:
    await scene.appoint()
    async with scene.as_(scene.eva) as tx:
        assert await service.overview(tx, scene.tender_id)
    await join(scene, scene.eva.person, "adler")
    assert await scene.refused(scene.eva, service.overview, scene.tender_id) == "conflict-of-interest"
    async with scene.as_(scene.evan) as tx:
        assert await service.overview(tx, scene.tender_id)


async def test_a_deputy_inherits_no_declaration_and_no_place(scene: Scene) -> None:
    await scene.appoint()
    city = scene.town.olga.organisation
    deputy = await scene.person("Dep Uty", city, Role.OWNER)
    await scene.owner.execute(
        """INSERT INTO delegation (id, organisation, role, giver, deputy, reason, starts_at, ends_at, offered_at,
               accepted_at) VALUES ('d', $1, 'evaluator', $2, $3, 'Leave', legal_now() - interval '1 day',
               legal_now() + interval '1 day', legal_now(), legal_now())""",
        city, scene.eva.person, deputy.person,
    )  # fmt: skip
    acting = scene.eva.__class__(
        person=deputy.person,
        organisation=city,
        roles=frozenset({(city, Role.EVALUATOR)}),
        deputy_for=frozenset({(city, Role.EVALUATOR, scene.eva.person)}),
    )
    assert await scene.refused(acting, service.overview, scene.tender_id) == "not-appointed"
