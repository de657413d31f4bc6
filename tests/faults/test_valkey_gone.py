"""Valkey is killed and stays away for a while: pages and search answer, what is published is found, payments are taken
once and booked, and all of it uses Valkey again when it is back. DOWN says how many seconds (`make faults`: 20)."""

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path

import httpx
import msgspec
import pytest
from redis import Redis
from redis.exceptions import RedisError
from republic import address, republic
from stripe import WebhookSignature
from stripe_double.double import Double
from whole_service import Up, eventually

from procurement.client import Client, NewTender
from procurement.infra.services.embedded import valkey, valkey_url
from procurement.infra.services.supervisor import die_with_parent
from procurement.payments.service import Charge
from procurement.tour.acts import Tour
from procurement.tour.cast import APPROVER, OFFICER
from procurement.tour.paying import TREASURERS
from procurement.tour.story import OWN, bidding_time

DOWN = float(os.environ.get("DOWN", "2"))
PAYERS = ("Karl Adler", "Vera Stone", "Joan Bright")
PAGES = ("/", "/tenders?q=bench", "/api/v1/notices?q=bench", "/awards", "/ledger/checkpoint")
SECRET = "whsec_test"
SOON = 20.0  # seconds


class Valkey:
    """A server of its own, which the service knows only by its address."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.url = folder, valkey_url(folder)
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        child = valkey(self.folder, self.folder)
        preexec = partial(die_with_parent, os.getpid())
        self.process = subprocess.Popen(child.argv, stdout=subprocess.DEVNULL, preexec_fn=preexec)
        eventually(self._answers, SOON)

    def _answers(self) -> bool:
        with suppress(RedisError), Redis.from_url(self.url) as valkey:
            return bool(valkey.ping())
        return False

    def kill(self) -> None:
        assert self.process
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()


@pytest.fixture
def store(tmp_path_factory: pytest.TempPathFactory) -> Valkey:
    one = Valkey(tmp_path_factory.mktemp("v"))
    one.start()
    return one


@pytest.fixture
def double(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Double]:
    with Double(tmp_path_factory.mktemp("stripe")) as one:
        yield one


@pytest.fixture
def up(tmp_path_factory: pytest.TempPathFactory, store: Valkey, double: Double) -> Iterator[Up]:
    keys = {"STRIPE_SECRET_KEY": "sk_test_x", "STRIPE_PUBLISHABLE_KEY": "pk_test_x", "STRIPE_WEBHOOK_SECRET": SECRET}
    with republic(tmp_path_factory, REDIS_URL=store.url, STRIPE_URL=double.url, **keys) as up:
        yield up
    store.kill()


class Paying(Tour):
    """A call with a deposit, which several suppliers pay by card from programs of theirs."""

    def __init__(self, url: str) -> None:
        super().__init__(url, OWN)

    def call(self) -> None:
        """Everybody is signed in before: without Valkey nobody may guess a password, so nobody signs in."""
        self.draft()
        self.submit_draft()
        self.publish()
        for name in (OFFICER, APPROVER, TREASURERS[0], *PAYERS):
            self.program(name)

    def paid_by(self, name: str, double: Double) -> str:
        """The charge, paid on the side of the card service alone."""
        calls = self.program(name).calls
        charge = calls.act("POST", f"{self.path}/bid/deposit", returns=Charge).id
        intent = calls.act("POST", f"/charges/{charge}/payment-intent", returns=dict)
        double.does("pay", id=intent["id"])
        return charge

    def charge_of(self, name: str, charge: str) -> Charge:
        told = msgspec.json.decode(self.program(name).fetch(f"/api/v1/charges/{charge}"))
        return msgspec.convert(told["charge"], Charge)

    def publish_another(self, title: str) -> None:
        """By programs: their people signed in before."""
        draft: NewTender = self.story.draft(self.public.clock().legal + bidding_time())
        made = self.program(OFFICER).tenders.create(msgspec.structs.replace(draft, title=title))
        self.program(OFFICER).tenders.submit(made.id)
        self.program(APPROVER).tenders.approve(made.id)


def told(up: Up, event: dict[str, object]) -> str:
    """What the door for the card service's notices answers."""
    body = msgspec.json.encode(event)
    signature = WebhookSignature.generate_signature_header(body.decode(), SECRET, int(time.time()))
    answered = httpx.post(f"{address(up)}/webhooks/stripe", content=body, headers={"stripe-signature": signature})
    assert answered.status_code == 200, answered.text
    return str(answered.json()["outcome"])


def found(reader: Client, title: str) -> bool:
    return title in {notice.title for notice in reader.notices(q=title)}


@pytest.mark.timeout(300 + 2 * DOWN)
def test_without_valkey_everything_but_signing_in_goes_on(up: Up, store: Valkey, double: Double) -> None:
    paying = Paying(address(up))
    paying.call()
    store.kill()
    gone, slowest = time.monotonic(), 0.0

    charges = {name: paying.paid_by(name, double) for name in PAYERS}
    events = double.does("events")
    outcomes = [told(up, event) for event in (*events, *events)]
    assert outcomes.count("taken") == len(PAYERS), "each payment is looked at once, however often it is told"
    paying.publish_another("Kayak racks")
    with Client(address(up)) as reader:
        until = time.monotonic() + DOWN
        while time.monotonic() < until:
            for path in PAGES:
                began = time.monotonic()
                assert up.get(path).status_code == 200
                slowest = max(slowest, time.monotonic() - began)
        eventually(lambda: found(reader, "Kayak racks"), SOON)
        eventually(lambda: all(paying.charge_of(who, one).state == "paid" for who, one in charges.items()), SOON)
        assert store.process and store.process.poll() is not None, "all of that without Valkey"
        away = time.monotonic() - gone

        store.start()
        paying.publish_another("Rowing shells")
        eventually(lambda: found(reader, "Rowing shells"), SOON)
    with Redis.from_url(store.url) as valkey:
        eventually(lambda: up.get("/").status_code == 200 and bool(valkey.dbsize()), SOON)  # limits are counted again

    assert {told(up, event) for event in events} == {"ignored"}
    deposit = paying.deposit * 100
    assert [one["amount_received"] for one in double.objects("payment_intent")] == [deposit] * len(PAYERS)
    books = msgspec.json.decode(paying.program(TREASURERS[0]).fetch("/api/v1/treasury/balances"))
    sums = {one["account"]: one["money"]["amount"] for one in books if one["account"] in ("card-balance", "unmatched")}
    assert sums.get("card-balance") == deposit * len(PAYERS) and not sums.get("unmatched")
    print(f"Valkey away for {away:.1f} s: the slowest page took {slowest:.2f} s, {len(PAYERS)} payments booked once")
    paying.close()
