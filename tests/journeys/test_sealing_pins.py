"""Keys that a bidder knows from elsewhere, and types on the page that seals: they count, whatever the service says."""

import pytest
from bids_to_seal import asked_of
from playwright.sync_api import Page
from promises import FALSE
from public_record import KEYHOLDER, SIGNER
from sealing_counter import Counter
from witnessed import FAR, NEAR, keys

from procurement.kernel.cosignature import CosignerKey

SEAL = "() => sealBid('/calls', [], {}).then(() => 'sealed', (wrong) => wrong.code)"
UNWITNESSED = "checkpoint-unwitnessed"
BOTH = "\n".join(keys(NEAR, FAR))


def typed(page: Page, **pins: str) -> None:
    """The person's own keys, in fields as the page has them."""
    fields = "".join(f"<textarea data-pin-{name}>{value}</textarea>" for name, value in pins.items())
    page.evaluate("(fields) => (document.body.innerHTML = fields)", fields)


@pytest.mark.parametrize(
    ("pins", "cosigners", "code"),
    [
        ({}, [], ""),
        ({"witnesses": BOTH, "needed": "1"}, [FAR], ""),
        ({"witnesses": BOTH}, [FAR], UNWITNESSED),
        ({"witnesses": keys(NEAR)[0]}, [], UNWITNESSED),
        ({"witnesses": "no key"}, [NEAR], "pins-wrong"),
        ({"witnesses": "", "needed": "1"}, [NEAR], "pins-wrong"),
        ({"keyholder": str(KEYHOLDER.verifier), "ledger": str(SIGNER.verifier)}, [], ""),
        ({"keyholder": str(FALSE.verifier)}, [], "opening-key-wrong"),
        ({"ledger": str(FALSE.verifier)}, [], "seal-unknown"),
    ],
)
def test_keys_that_the_bidder_knows_count(
    sealer: Page, counter: Counter, pins: dict[str, str], cosigners: list[CosignerKey], code: str
) -> None:
    counter.record.cosigners = cosigners
    counter.expect(asked_of(len(counter.record.entries), None, []))  # another tender each time
    typed(sealer, **pins)
    said = sealer.evaluate(SEAL)
    assert (counter.begun is not None) is (not code) and (not code or said == code)


def test_what_the_witnesses_have_not_seen_yet_is_not_sealed_to(sealer: Page, counter: Counter) -> None:
    """Fails where an entry beyond the cosigned checkpoint is proved in a newer one."""
    counter.record.cosigners, counter.record.seen = [NEAR], len(counter.record.entries)
    counter.expect(asked_of(9988, None, []))
    typed(sealer, witnesses=keys(NEAR)[0])
    assert sealer.evaluate(SEAL) == UNWITNESSED and counter.begun is None
    counter.record.seen = 0
