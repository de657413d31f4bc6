"""The webhooks of an organisation: made by those who may, after a fresh proof, and seen by nobody else."""

import base64
import hmac
import json
import re
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import asyncpg
import httpx
import pytest
from people import visiting
from standardwebhooks import Webhook as Signer
from tendering import SETUP, program
from webhook_receiving import Scene, scene_of

from procurement.identity import service as identity
from procurement.infra import egress
from procurement.infra.tx import Database
from procurement.kernel.actor import Actor
from procurement.kernel.permissions import Role
from procurement.kernel.refusal import Refused
from procurement.notices.rules.webhook import MOST, Wanted, What
from procurement.notices.service import webhooks
from procurement.settings import Settings

pytestmark = pytest.mark.anyio
DOCS = Path(__file__).parents[2] / "docs" / "webhooks.md"
HOOK = "https://hooks.example.org/in"
LIST = "/organisation/webhooks"


@pytest.fixture
async def scene(settings: Settings, database: Database) -> AsyncIterator[Scene]:
    async with scene_of(settings, database) as one:
        yield one


async def refused(scene: Scene, url: str = HOOK, wanted: Wanted | None = None, proved: bool = True) -> Refused:
    with pytest.raises(Refused) as no:
        async with scene.olga(proved) as tx:
            await webhooks.add(tx, egress.Rules(), url, wanted or Wanted(What.EVERYTHING))
    return no.value


async def test_a_proof_of_identity_is_asked_for(scene: Scene) -> None:
    assert (await refused(scene, proved=False)).code == "step-up-needed"
    made = await scene.add()
    with pytest.raises(Refused, match="Confirm that it is you"):
        async with scene.olga(proved=False) as tx:
            await webhooks.replace_secret(tx, made)


@pytest.mark.parametrize(
    "url",
    ["http://hooks.example.org", "https://127.0.0.1/", "https://me@hooks.example.org", "x", "https://a." + "b" * 500],
)
async def test_an_address_that_would_never_be_called_is_refused(scene: Scene, url: str) -> None:
    no = await refused(scene, url)
    assert (no.code, list(no.fields)) == ("form-invalid", ["url"])


async def test_what_is_wanted_has_to_make_sense(scene: Scene) -> None:
    unknown = await refused(scene, wanted=Wanted(What.PROCESS, "ocds-nothing"))
    missing = await refused(scene, wanted=Wanted(What.PROCESS))
    beside = await refused(scene, wanted=Wanted(What.OURS, "ocds-1"))
    hidden = await refused(scene, wanted=Wanted(What.EVERYTHING, types=("BidReceived",)))
    assert [list(no.fields) for no in (unknown, missing, beside, hidden)] == [["process"]] * 3 + [["types"]]


async def test_an_address_is_there_once_and_addresses_are_few(scene: Scene) -> None:
    for number in range(MOST):
        await scene.add(f"/{number}")
    assert (await refused(scene)).code == "webhooks-full"
    with pytest.raises(Refused) as no:
        await scene.add("/0")
    assert no.value.code == "webhook-exists"


async def test_others_find_nothing(scene: Scene) -> None:
    made = await scene.add()
    async with scene.as_somebody(scene.town.rosa) as tx:
        assert await webhooks.webhooks(tx) == []
    acts = (
        lambda tx: webhooks.webhook(tx, made), lambda tx: webhooks.deliveries(tx, made),
        lambda tx: webhooks.ask_test(tx, made), lambda tx: webhooks.pause(tx, made),
        lambda tx: webhooks.resume(tx, made), lambda tx: webhooks.replay(tx, made, 0),
        lambda tx: webhooks.replace_secret(tx, made), lambda tx: webhooks.remove(tx, made),
        lambda tx: webhooks.overlap_until(tx, made),
    )  # fmt: skip
    for who in (scene.town.rosa, scene.town.pia, scene.town.ines, scene.town.audun):
        for act in acts:
            with pytest.raises(Refused) as no:
                async with scene.as_somebody(who) as tx:
                    await act(tx)
            assert no.value.code == "webhook-unknown"
    async with scene.olga() as tx:
        assert [one.id for one in await webhooks.webhooks(tx)] == [made]


@pytest.mark.parametrize("index", [-1, 10**6])
async def test_a_replay_begins_in_the_log(scene: Scene, index: int) -> None:
    made = await scene.add()
    with pytest.raises(Refused) as no:
        async with scene.olga() as tx:
            await webhooks.replay(tx, made, index)
    assert list(no.value.fields) == ["index"]


async def test_what_is_recorded_names_neither_address_nor_secret(scene: Scene, owner: asyncpg.Connection) -> None:
    made = await scene.add()
    async with scene.olga() as tx:
        await webhooks.replace_secret(tx, made)
        await webhooks.remove(tx, made)
    written = await owner.fetch("SELECT type, body FROM ledger_record WHERE type LIKE 'Webhook%' ORDER BY id")
    assert [row["type"] for row in written] == ["WebhookAdded", "WebhookSecretReplaced", "WebhookRemoved"]
    bodies = b"".join(row["body"] for row in written)
    assert b"whsec_" not in bodies and b"127.0.0.1" not in bodies


async def owning(scene: Scene) -> Actor:
    """An owner of the supplier: a role that needs no second factor to be used."""
    async with scene.database.begin(SETUP) as tx:
        person = await identity.create_person(tx, name="Hedda Quay", email="hedda@marrow.example")
        await identity.grant(tx, person, scene.town.harbour, Role.OWNER)
    held = frozenset({(scene.town.harbour, Role.OWNER)})
    return Actor(person=person, roles=held, organisation=scene.town.harbour)


async def test_people_make_watch_and_remove_one(scene: Scene, client: httpx.AsyncClient) -> None:
    async with visiting(client, scene.database, await owning(scene)) as hedda:
        assert "No webhooks yet" in (await hedda.get(LIST)).text
        wrong = await hedda.send(f"{LIST}/new", LIST, url="http://inner", what="ours", types=["TenderPublished"])
        assert wrong.status_code == 422 and "http://inner" in wrong.text and "Only https is called" in wrong.text
        made = await hedda.send(f"{LIST}/new", LIST, url=HOOK, what="ours", types=["TenderPublished", "BidsOpened"])
        [secret] = re.findall(r"whsec_[\w+/=]+", made.text)
        here = re.search(rf'href="({LIST}/\w+)"', made.text)
        assert here and HOOK in (await hedda.get(LIST)).text
        shown = (await hedda.get(here[1])).text
        assert secret not in shown and "Bids were opened" in shown and "Nothing sent yet" in shown
        await hedda.send(here[1], f"{here[1]}/test")
        assert "A test event is on its way" in (await hedda.get(here[1])).text
        await hedda.send(here[1], f"{here[1]}/pause")
        assert "Paused" in (await hedda.get(here[1])).text
        await hedda.send(here[1], f"{here[1]}/resume")
        beyond = await hedda.send(here[1], f"{here[1]}/replay", index="999999")
        assert beyond.status_code == 422 and "999999" in beyond.text
        again = await hedda.send(here[1], f"{here[1]}/secret")
        assert secret not in again.text and "whsec_" in again.text
        assert "also signs until" in (await hedda.get(here[1])).text
        assert (await hedda.send(f"{here[1]}/remove")).headers["location"] == LIST
        assert (await hedda.get(here[1])).status_code == 404


async def test_programs_do_the_same(scene: Scene, client: httpx.AsyncClient, owner: asyncpg.Connection) -> None:
    async with await program(scene.database, client, await owning(scene)) as hedda:
        address = "/api/v1/webhooks"
        new = {"url": HOOK, "types": ["TenderPublished"]}
        assert (await hedda.post(address, json=new)).json()["type"] == "/problems/step-up-needed"
        await owner.execute("UPDATE api_token SET stepped_up_at = clock_timestamp()")
        made = await hedda.post(address, json=new, headers={"Idempotency-Key": "once"})
        assert made.status_code == 201 and made.json()["secret"].startswith("whsec_")
        one = made.json()["webhook"]
        assert await owner.fetchval("SELECT count(*) FROM idempotency") == 0, "no secret is kept with a key"
        assert (await hedda.post(address, json=new)).json()["type"] == "/problems/webhook-exists"
        assert (await hedda.get(address)).json() == [one]
        here = f"{address}/{one['id']}"
        seen = await hedda.get(here)
        assert seen.json() == one and one["state"] == "on"
        paused = await hedda.post(f"{here}/pause", headers={"If-Match": seen.headers["etag"]})
        assert paused.json()["state"] == "paused"
        late = await hedda.post(f"{here}/resume", headers={"If-Match": seen.headers["etag"]})
        assert late.status_code == 412
        assert (await hedda.post(f"{here}/resume")).json()["state"] == "on"
        assert (await hedda.post(f"{here}/test")).status_code == 202
        assert (await hedda.post(f"{here}/replay", json={"index": 0})).status_code == 200
        assert (await hedda.get(f"{here}/deliveries")).json()["position"] == -1
        replaced = (await hedda.post(f"{here}/secret")).json()
        assert replaced["secret"] != made.json()["secret"]
        assert (await hedda.delete(here)).status_code == 204
        assert (await hedda.get(here)).status_code == 404


async def test_the_receiver_in_the_docs_receives(scene: Scene) -> None:
    [written] = re.findall(r"```python\n(.*?)```", DOCS.read_text(), re.DOTALL)
    words = {"base64": base64, "hmac": hmac, "json": json, "time": time}
    exec(written, words)
    await scene.add()
    [index] = await scene.happens()
    await scene.deliver()
    [call] = scene.receiver.calls
    seen: set[str] = set()
    ask = (scene.secrets["/in"], call.headers, call.body, seen)
    assert words["receive"](*ask)["data"]["index"] == index  # type: ignore[operator]  # the function of the docs
    assert words["receive"](*ask) is None  # type: ignore[operator]  # the same
    for secret, body in (("whsec_" + "A" * 44, call.body), (ask[0], call.body + b" ")):
        with pytest.raises(ValueError, match="not a call of ours"):
            words["receive"](secret, call.headers, body, set())  # type: ignore[operator]  # the same
    long_ago = datetime.now(UTC) - timedelta(minutes=6)
    stale = Signer(ask[0]).sign(call.id, long_ago, call.body.decode())
    headers = {**call.headers, "webhook-timestamp": str(int(long_ago.timestamp())), "webhook-signature": stale}
    with pytest.raises(ValueError, match="too old"):
        words["receive"](ask[0], headers, call.body, set())  # type: ignore[operator]  # the same
