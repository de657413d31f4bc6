"""When a contract may be drawn up, and who signs it."""

from datetime import UTC, date, datetime, timedelta

import pytest
from msgspec.structs import replace

from procurement.awards.rules import Award, Hold
from procurement.contracts import rules
from procurement.contracts.rules import Contract
from procurement.kernel.money import Money
from procurement.kernel.refusal import Refused

NOON = datetime(2026, 11, 16, 12, tzinfo=UTC)
ENDS = datetime(2026, 11, 27, tzinfo=UTC)
DIGEST = "ab" * 32
AWARD = Award(
    id="award", tender="2026-0418", lot="", supplier="harbour", bid="bid", price=Money(100_00, "EUR"), reason="Best.",
    proposed_by="olga", proposed_at=NOON, approved_by="pia", announced_at=NOON, standstill_ends=ENDS,
)  # fmt: skip
CONTRACT = Contract(
    id="contract", tender="2026-0418", award="award", lot="", buyer="city", supplier="harbour", title="Asphalt",
    value=Money(100_00, "EUR"), starts_on=date(2026, 12, 1), ends_on=date(2027, 3, 1), document_sha256=DIGEST,
    document_size=1, drafted_by="olga", drafted_at=ENDS,
)  # fmt: skip
SIGNED = replace(CONTRACT, buyer_signer="pia", buyer_signed_at=ENDS)


def draft(award: Award, now: datetime = ENDS, last: date = date(2027, 3, 1), exists: bool = False) -> Money:
    return rules.draft(award, now, "the 26th", starts_on=date(2026, 12, 1), ends_on=last, exists=exists)


REFUSALS = {
    "a contract before the award": ("award-not-announced", lambda: draft(replace(AWARD, announced_at=None))),
    "a contract without a winner": ("award-unsuccessful", lambda: draft(replace(AWARD, supplier="", price=None))),
    "a contract during the standstill": ("standstill-running", lambda: draft(AWARD, NOON)),
    "a contract a moment too early": (
        "standstill-running",
        lambda: draft(AWARD, ENDS - timedelta(microseconds=1)),
    ),
    "a contract under a hold": ("award-held", lambda: draft(replace(AWARD, holds=(Hold("h", "Wait.", NOON),)))),
    "a second contract": ("contract-drafted", lambda: draft(AWARD, exists=True)),
    "an end before the start": ("form-invalid", lambda: draft(AWARD, last=date(2026, 11, 30))),
    "another document": ("document-changed", lambda: rules.sign_for_buyer(CONTRACT, "pia", "cd" * 32)),
    "the drafter's signature": ("same-person", lambda: rules.sign_for_buyer(CONTRACT, "olga", DIGEST)),
    "a second signature": ("already-signed", lambda: rules.sign_for_buyer(SIGNED, "omar", DIGEST)),
    "another document for the supplier": (
        "document-changed",
        lambda: rules.sign_for_supplier(CONTRACT, "ines", "cd" * 32),
    ),
    "one person for both sides": ("same-person", lambda: rules.sign_for_supplier(SIGNED, "pia", DIGEST)),
    "the drafter for the supplier": ("same-person", lambda: rules.sign_for_supplier(SIGNED, "olga", DIGEST)),
    "a second signature of the supplier": (
        "already-signed",
        lambda: rules.sign_for_supplier(replace(CONTRACT, supplier_signed_at=ENDS), "ines", DIGEST),
    ),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_refused_is(name: str) -> None:
    code, attempt = REFUSALS[name]
    with pytest.raises(Refused) as no:
        attempt()
    assert no.value.code == code


def test_a_contract_may_be_drawn_up_exactly_when_the_standstill_ends() -> None:
    assert draft(AWARD, ENDS) == Money(100_00, "EUR")


def test_a_running_standstill_is_refused_with_its_date() -> None:
    with pytest.raises(Refused, match="the 26th"):
        draft(AWARD, NOON)


def test_the_contract_is_in_force_with_the_second_signature_and_not_the_first() -> None:
    assert rules.completed(SIGNED) is None
    both = replace(SIGNED, supplier_signer="ines", supplier_signed_at=ENDS + timedelta(hours=1))
    fact = rules.completed(both)
    assert fact
    assert (fact.starts_on, fact.ends_on, fact.document_sha256) == ("2026-12-01", "2027-03-01", DIGEST)
    assert both.signed_at == ENDS + timedelta(hours=1)
