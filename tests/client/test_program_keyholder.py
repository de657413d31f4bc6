"""A program that pins the keyholder's key seals to nothing else, whatever a dishonest service answers."""

from typing import Any

import httpx
import msgspec
import pytest
from offline_tender import KEYHOLDER, NOON, REVISION, SUPPLIER, TENDER, Call

from procurement.client import Client
from procurement.client.answers import Tender
from procurement.kernel.money import Money
from procurement.kernel.refusal import Refused
from procurement.kernel.sealing import new_identity

PIN = str(KEYHOLDER.verifier)
SHOWN = Tender(
    id=TENDER, ocid="ocds-x-1", buyer="marrow", phase="open", revision=1, revision_hash=REVISION, title="",
    description="", category="works", value=Money(1, "EUR"), award_method="lowest-price", published_at=NOON,
    question_deadline=None, deadline=NOON, opening_at=NOON, cancelled_at=None, deposit=None, lots=(), items=(),
    criteria=(), documents=(),
)  # fmt: skip


def answered(call: Call, **changes: Any) -> dict[str, Any]:
    """What an honest service tells of the bid, and `changes`."""
    two = bool(call.financial_recipient)
    told: dict[str, Any] = {
        "tender": TENDER, "revision": REVISION, "level": "S1", "recipient": call.recipient, "roster": "",
        "signatures": {}, "declarations": [], "needs_documents": False, "bid_limit": 1, "supplier": SUPPLIER,
        "next_version": 1, "deadline": NOON, "submitted": None, "keyholder_key": PIN,
        "envelopes": ["technical", "financial"] if two else ["single"], "financial_recipient": call.financial_recipient,
        "opening_keys": call.words(NOON),
    }  # fmt: skip
    return told | changes


def asked(told: dict[str, Any]) -> str:
    """The recipient of the financial envelope that would be sealed, or the code of the refusal."""
    service = httpx.MockTransport(lambda _: httpx.Response(200, content=msgspec.json.encode(told)))
    with Client("http://marrow.example", transport=service) as client:
        try:
            return client.bids.asked(SHOWN, keyholder=PIN).financial_recipient
        except Refused as no:
            return no.code


def test_each_envelope_is_sealed_to_what_the_keyholder_signed() -> None:
    one, two = Call(), Call(two=True)
    assert asked(answered(one)) == "" and asked(answered(two)) == two.financial_recipient


@pytest.mark.parametrize("kinds", [["single"], ["technical"], []])
def test_prices_are_never_sealed_to_a_key_that_it_did_not_sign(kinds: list[str]) -> None:
    call, (_, own) = Call(), new_identity()
    words = [call.word(NOON, kind=kind) for kind in kinds]
    told = answered(call, envelopes=kinds, financial_recipient=own, opening_keys=words)
    assert asked(told) == "opening-key-wrong"
