"""The scene of every test of money: a town with its treasury."""

from collections.abc import AsyncIterator, Iterator
from typing import TYPE_CHECKING

import httpx
import msgspec
import pytest
from stripe_double.double import Double
from treasuring import Treasury, settle_treasury

from procurement.infra.payments.stripe_cards import StripeCards
from procurement.infra.tx import Database
from procurement.settings import Settings

if TYPE_CHECKING:
    from conftest import Serve

SECRET = "whsec_test"


@pytest.fixture
async def treasury(database: Database) -> Treasury:
    return await settle_treasury(database)


@pytest.fixture(scope="session")
def one_double(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Double]:
    with Double(tmp_path_factory.mktemp("stripe")) as one:
        yield one


@pytest.fixture
def double(one_double: Double) -> Double:
    """Stripe's double, which knows nothing yet. A test that kills it starts it again."""
    one_double.does("forget")
    return one_double


@pytest.fixture
async def cards(double: Double) -> AsyncIterator[StripeCards]:
    one = StripeCards("sk_test_x", address=double.url, patience=2.0)
    yield one
    await one.close()


@pytest.fixture
async def paying(settings: Settings, double: Double, serve: "Serve") -> AsyncIterator[httpx.AsyncClient]:
    """A client of the application that takes cards."""
    keys = {"stripe_secret_key": "sk_test_x", "stripe_webhook_secret": SECRET, "stripe_url": double.url}
    async with serve(msgspec.structs.replace(settings, **keys, stripe_publishable_key="pk_test_x")) as client:
        yield client
