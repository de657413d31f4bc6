"""What the doctor says of cards."""

import msgspec
import pytest
from stripe_double.double import Double

from procurement.infra.doctor.payments import cards
from procurement.settings import Settings

pytestmark = pytest.mark.anyio


async def said(settings: Settings, **values: str) -> list[str]:
    return [finding.line().strip() for finding in await cards(msgspec.structs.replace(settings, **values))]


async def test_test_keys_are_told_from_live_ones(settings: Settings, double: Double) -> None:
    at = {"stripe_url": double.url, "stripe_webhook_secret": "whsec_x"}
    practice = await said(settings, stripe_secret_key="sk_test_x", **at)
    assert practice == ["ok  cards: Stripe answers for acct_double, by a test key: no money moves."]
    live = await said(settings, stripe_secret_key="sk_live_x", **at)
    assert live[0].startswith("broken  cards: STRIPE_SECRET_KEY is a live key and this is a sandbox")
    assert "does not answer this key" in live[1]


async def test_what_is_missing_is_said_and_nothing_without_a_key(settings: Settings, double: Double) -> None:
    assert await said(settings) == []
    (_, missing) = await said(settings, stripe_secret_key="sk_test_x", stripe_url=double.url)
    assert "STRIPE_WEBHOOK_SECRET" in missing
    (elsewhere,) = await said(
        settings, stripe_secret_key="sk_test_x", stripe_url="https://api.example.org", stripe_webhook_secret="whsec_x"
    )
    assert "only name this machine" in elsewhere
