"""A supplier pays the deposit of its bid by bank transfer, and finds the receipt; the buyer learns nothing of it."""

import re
from datetime import date
from typing import TYPE_CHECKING

from looking import each_look, overflows, violations
from playwright.sync_api import Page, expect

if TYPE_CHECKING:
    from conftest import As

OURS = "DE75512108001245126199"  # of fixtures/republic.toml
THEIRS = "FR7630006000011234567890189"
COLUMNS = "account,booked,amount,currency,reference,name,other_account"


def take_in(nadia: Page, amount: str, reference: str) -> None:
    """The treasurer takes in a statement with one movement."""
    line = ",".join((OURS, date.today().isoformat(), amount, "EUR", reference, "Brightwater", THEIRS))
    nadia.goto("/treasury/statements")
    file = {"name": f"{amount}.csv", "mimeType": "text/csv", "buffer": f"{COLUMNS}\n{line}\n".encode()}
    nadia.locator('input[type="file"]').set_input_files(file)
    nadia.get_by_role("button", name="Take it in").click()
    expect(nadia.get_by_role("heading", name="Statement of")).to_be_visible()


def wait_for_the_receipt(joan: Page) -> None:
    """The worker writes it a moment later."""
    for _ in range(20):
        joan.goto("/payments/receipts")
        if re.search(r"10\s000\.00", joan.locator("main").inner_text()):
            return
        joan.wait_for_timeout(500)
    raise AssertionError("no receipt was written")


def test_a_deposit_is_paid_by_transfer_and_is_the_payers_alone(as_: "As") -> None:
    joan, ines = as_("Joan Bright"), as_("Ines Marsh")
    joan.goto("/payments")
    joan.locator("tr", has_text="Harbour Road").get_by_role("link").click()
    expect(joan.get_by_role("heading", name=re.compile(r"10\s000\.00\sEUR is to be paid"))).to_be_visible()
    for look in each_look(joan):
        assert violations(joan) == [], look
        assert not overflows(joan), look
    charge = joan.url
    reference = joan.locator("dd", has_text=re.compile("^RF")).first.inner_text().strip()
    take_in(as_("Nadia Penn"), "10000.00", reference)
    joan.goto(charge)
    expect(joan.get_by_role("heading", name=re.compile("is with the treasury"))).to_be_visible()
    expect(joan.get_by_role("cell", name="Received by bank transfer")).to_be_visible()
    wait_for_the_receipt(joan)
    answer = ines.goto(charge)
    assert answer is not None and answer.status == 403
