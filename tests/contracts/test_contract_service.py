"""From a final award to a contract both sides have signed."""

import asyncio
from datetime import date, datetime, timedelta

import asyncpg
import pytest
from evaluated import Scene

from procurement.awards import service as awards
from procurement.awards.service import Choice
from procurement.contracts import service
from procurement.infra import documents
from procurement.kernel.actor import NOBODY, Actor
from procurement.kernel.canonical import sha256_hex
from procurement.kernel.permissions import Role
from procurement.tenders import service as tenders

pytestmark = pytest.mark.anyio
PERIOD = {"starts_on": date(2030, 1, 1), "ends_on": date(2030, 6, 30)}


async def announced(scene: Scene) -> tuple[str, datetime]:
    """An announced award and the end of its standstill."""
    await scene.evaluated()
    lot = (await scene.tender()).lots[0].id
    async with scene.as_(scene.town.olga) as tx:
        award = await awards.propose(tx, scene.tender_id, Choice(lot), "The best total of two bids.")
    async with scene.as_(scene.town.pia) as tx:
        ends = (await awards.approve(tx, award)).standstill_ends
    assert ends
    return award, ends


async def draft(scene: Scene, award: str) -> str:
    async with scene.as_(scene.town.olga) as tx:
        return await service.draft(tx, scene.files, award, **PERIOD)


async def drafted(scene: Scene) -> service.Contract:
    award, _ends = await announced(scene)
    await scene.advance(timedelta(days=20))
    contract = await draft(scene, award)
    async with scene.as_(scene.town.olga) as tx:
        return await service.contract(tx, contract)


async def sign_both(scene: Scene, contract: service.Contract) -> None:
    async with scene.as_(scene.town.pia) as tx:
        await service.sign_for_buyer(tx, contract.id, contract.document_sha256)
    async with scene.as_(scene.suppliers["harbour"]) as tx:
        await service.sign_for_supplier(tx, contract.id, contract.document_sha256)


async def test_both_sides_sign_the_same_document_and_the_contract_is_public(scene: Scene) -> None:
    contract = await drafted(scene)
    assert await scene.refused(NOBODY, service.contract, contract.id) == "contract-unknown"
    await sign_both(scene, contract)
    async with scene.database.begin(NOBODY) as tx:
        (found,) = await service.of_tender(tx, scene.tender_id)
    assert found.signed_at
    assert (str(found.value), found.supplier) == ("1250050.00 EUR", scene.suppliers["harbour"].organisation)
    assert (await scene.facts())[-4:] == [
        "ContractDrafted",
        "ContractSignedByBuyer",
        "ContractSignedBySupplier",
        "ContractSigned",
    ]


async def test_the_document_is_a_pdf_stored_under_its_digest(scene: Scene) -> None:
    contract = await drafted(scene)
    document = await documents.read(scene.files, contract.document_sha256)
    assert document.startswith(b"%PDF-1.7")
    assert (sha256_hex(document), len(document)) == (contract.document_sha256, contract.document_size)


async def test_no_contract_during_the_standstill_and_one_exactly_at_its_end(scene: Scene) -> None:
    award, ends = await announced(scene)
    code = await scene.refused(scene.town.olga, service.draft, scene.files, award, **PERIOD)
    assert code == "standstill-running"
    async with scene.as_(scene.town.olga) as tx:
        left = ends - await tx.clock()
    await scene.advance(left)
    assert await draft(scene, award)


async def test_no_contract_under_a_hold(scene: Scene) -> None:
    award, _ends = await announced(scene)
    async with scene.as_(scene.town.pia) as tx:
        await awards.place_hold(tx, award, "A bidder objects.")
    await scene.advance(timedelta(days=20))
    assert await scene.refused(scene.town.olga, service.draft, scene.files, award, **PERIOD) == "award-held"


@pytest.mark.parametrize("who", ["pia", "rosa", "ines", "audun"])
async def test_only_the_buyers_officer_draws_up(scene: Scene, who: str) -> None:
    award, _ends = await announced(scene)
    await scene.advance(timedelta(days=20))
    actor = getattr(scene.town, who)
    assert await scene.refused(actor, service.draft, scene.files, award, **PERIOD) == "not-permitted"


async def test_of_two_drafts_at_once_one_wins_and_the_tender_is_settled(scene: Scene) -> None:
    award, _ends = await announced(scene)
    await scene.advance(timedelta(days=20))
    ends = await asyncio.gather(draft(scene, award), draft(scene, award), return_exceptions=True)
    assert sorted(getattr(end, "code", "won") for end in ends) == ["contract-drafted", "won"]
    assert (
        await scene.refused(
            scene.town.pia, tenders.cancel, scene.tender_id, "The money is needed for the flood works instead."
        )
        == "tender-settled"
    )


async def test_each_side_signs_only_for_itself(scene: Scene) -> None:
    contract = await drafted(scene)
    signed = (contract.id, contract.document_sha256)
    harbour, adler = scene.suppliers["harbour"], scene.suppliers["adler"]
    for actor in (harbour, adler, scene.town.olga, scene.town.rosa):
        assert await scene.refused(actor, service.sign_for_buyer, *signed) == "not-permitted"
    for actor in (adler, scene.town.pia, scene.town.ines):
        assert await scene.refused(actor, service.sign_for_supplier, *signed) == "not-permitted"


async def test_a_member_of_the_supplier_reads_but_does_not_sign(scene: Scene) -> None:
    contract = await drafted(scene)
    tom = await scene.person("Tom Bell", contract.supplier, Role.MEMBER)
    async with scene.as_(tom) as tx:
        assert await service.contract(tx, contract.id) == contract
    signed = (contract.id, contract.document_sha256)
    assert await scene.refused(tom, service.sign_for_supplier, *signed) == "not-permitted"


async def test_signing_needs_a_fresh_proof_of_identity(scene: Scene) -> None:
    contract = await drafted(scene)
    for actor, sign in (
        (scene.town.pia, service.sign_for_buyer),
        (scene.suppliers["harbour"], service.sign_for_supplier),
    ):
        with pytest.raises(Exception, match="Confirm that it is you"):
            async with scene.database.begin(actor) as tx:
                await sign(tx, contract.id, contract.document_sha256)


async def test_a_signature_binds_the_document_that_was_read(scene: Scene) -> None:
    contract = await drafted(scene)
    assert await scene.refused(scene.town.pia, service.sign_for_buyer, contract.id, "0" * 64) == "document-changed"


async def test_of_two_signatures_at_once_one_counts(scene: Scene) -> None:
    contract = await drafted(scene)

    async def sign(actor: Actor) -> None:
        async with scene.as_(actor) as tx:
            await service.sign_for_buyer(tx, contract.id, contract.document_sha256)

    ends = await asyncio.gather(sign(scene.town.pia), sign(scene.town.omar), return_exceptions=True)
    assert sorted(getattr(end, "code", "won") for end in ends) == ["already-signed", "won"]


async def test_both_signatures_at_once_make_one_contract(scene: Scene) -> None:
    contract = await drafted(scene)

    async def sign(actor: Actor, act: object) -> None:
        async with scene.as_(actor) as tx:
            await act(tx, contract.id, contract.document_sha256)  # type: ignore[operator]  # one of two functions

    await asyncio.gather(
        sign(scene.town.pia, service.sign_for_buyer), sign(scene.suppliers["harbour"], service.sign_for_supplier)
    )
    assert (await scene.facts()).count("ContractSigned") == 1


async def test_the_database_itself_keeps_signatures(scene: Scene) -> None:
    contract = await drafted(scene)
    await sign_both(scene, contract)
    for statement in ("UPDATE contract SET buyer_signed_at = NULL, buyer_signer = NULL", "DELETE FROM contract"):
        with pytest.raises(asyncpg.IntegrityConstraintViolationError):
            await scene.owner.execute(statement)
