"""Webhooks: what is sent, in what form, and for how long it is tried."""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from standardwebhooks import Webhook as Verifier

from procurement import stages
from procurement.kernel.refusal import Refused
from procurement.notices.rules import webhook as rules
from procurement.notices.rules.webhook import Event, Outcome, Subject, Wanted, What
from procurement.notices.service.webhook_sending import signed

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)


def test_the_signature_is_that_of_the_specification() -> None:
    """The vector that Standard Webhooks publishes for its libraries."""
    signer = Verifier("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    at = datetime.fromtimestamp(1614265330, UTC)
    given = signer.sign("msg_p5jXN8AQM9LWM0D4loKWxJek", at, '{"test": 2432232314}')
    assert given == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_a_message_has_one_signature_for_each_secret_and_no_more_than_it_needs() -> None:
    event = Event("TenderPublished", NOON, Subject(7, "TenderPublished", "ocds-xmarrow-1", "city"))
    secrets = [rules.new_secret(), rules.new_secret()]
    body, headers = signed("w-7", event, secrets, NOON)
    assert headers["webhook-id"] == "w-7" and headers["webhook-timestamp"] == str(int(NOON.timestamp()))
    assert headers["webhook-signature"] == " ".join(Verifier(one).sign("w-7", NOON, body.decode()) for one in secrets)
    assert msgspec.json.decode(body) == {
        "type": "TenderPublished",
        "timestamp": "2026-11-02T12:00:00Z",
        "data": {"index": 7, "type": "TenderPublished", "process": "ocds-xmarrow-1", "organisation": "city"},
    }


def test_a_secret_has_256_bits_and_is_never_the_same() -> None:
    assert len(Verifier(rules.new_secret())._whsecret) == 32 and rules.new_secret() != rules.new_secret()


def test_what_only_some_may_read_is_not_sent() -> None:
    assert stages.ROUTES, "every stage is there"
    assert {"TenderPublished", "BidsOpened", "RecordsDisclosed"} <= rules.public_types()
    assert not {"BidReceived", "MembershipGranted", "TokenIssued", "WebhookAdded"} & rules.public_types()
    everything = Wanted(What.EVERYTHING)
    assert not everything.includes("city", "BidReceived", "ocds-1", "city")
    with pytest.raises(Refused, match="Check the events") as refused:
        rules.must_be_known(("TenderPublished", "BidReceived"))
    assert "BidReceived" in refused.value.fields["types"]


@pytest.mark.parametrize(
    ("wanted", "process", "organisation", "included"),
    [
        (Wanted(What.EVERYTHING), "ocds-1", "roads", True),
        (Wanted(What.EVERYTHING, types=("BidsOpened",)), "ocds-1", "roads", False),
        (Wanted(What.EVERYTHING, types=("TenderPublished",)), "", "", True),
        (Wanted(What.OURS), "ocds-1", "city", True),
        (Wanted(What.OURS), "ocds-1", "roads", False),
        (Wanted(What.PROCESS, "ocds-1"), "ocds-1", "roads", True),
        (Wanted(What.PROCESS, "ocds-1"), "ocds-2", "city", False),
    ],
)
def test_an_endpoint_is_sent_what_it_wants(wanted: Wanted, process: str, organisation: str, included: bool) -> None:
    assert wanted.includes("city", "TenderPublished", process, organisation) is included


def test_pauses_grow_to_eight_hours_and_end_after_three_days() -> None:
    now, pauses = NOON, []
    for failures in range(1, 100):
        again = rules.next_attempt(failures, NOON, now, 0.5)
        if again is None:
            break
        pauses.append((again - now).total_seconds())
        now = again
    assert pauses[:4] == [5, 15, 45, 135] and max(pauses) == 8 * 3600
    assert timedelta(days=3) <= now - NOON < timedelta(days=3, hours=8) and len(pauses) < 20


def test_chance_keeps_receivers_apart() -> None:
    early, late = (rules.next_attempt(3, NOON, NOON, chance) for chance in (0, 1))
    assert early and late
    assert (early - NOON).total_seconds() == pytest.approx(45 * 0.75)
    assert (late - NOON).total_seconds() == pytest.approx(45 * 1.25)


@pytest.mark.parametrize(("status", "delivered"), [(0, False), (199, False), (200, True), (299, True), (301, False)])
def test_only_2xx_is_an_answer(status: int, delivered: bool) -> None:
    assert Outcome(status).delivered is delivered
