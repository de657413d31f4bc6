"""A deposit: paid by transfer, unknown to the buyer before the opening, given back to a bidder that lost."""

import csv
import re
import secrets
from collections import Counter
from datetime import date
from decimal import Decimal
from typing import Any

import msgspec

from procurement.tour.cast import OFFICER, Cast, eventually
from procurement.tour.people import Unexpected
from procurement.tour.statement import Movement, camt

PAYER, SUPPLIER, ACCOUNT = "Karl Adler", "Adler Strassenbau", "FR7630006000011234567890189"
TREASURERS = ("Nadia Penn", "Silas Reeve")
AUDITOR = "Agnes Reed"


class Paying(Cast):
    def pay_deposit(self) -> str:
        """The charge, an account for the way back, and the bank's statement, which a treasurer takes in."""
        payer = self.afresh(PAYER)
        payer.get(f"{self.path}/bid/deposit")
        self.charge = str(payer.post(f"{self.path}/bid/deposit").url.path).rpartition("/")[2]
        payer.get("/payments/account")
        payer.post("/payments/account", {"iban": ACCOUNT, "holder": SUPPLIER})
        told = self._charge()["transfer"]
        self.treasury = told["account"].replace(" ", "")
        self._bank_tells(self.deposit, told["reference"])
        payer.reads(f"/payments/{self.charge}", "is with the treasury. Nothing more is to be paid.")
        for name in (OFFICER, AUDITOR):
            self.person(name).get(f"/payments/{self.charge}", status=403)
        return f"{self._receipt('payment')}; neither the buyer's officer nor an auditor can see it"

    def deposit_read(self) -> str:
        """Only the opening tells it, and only to whom it concerns."""
        there = "with the treasury by the deadline"
        self.person(OFFICER).reads(f"{self.path}/opening", f": {there}", f": not {there}")
        if there in self.reader.reads(f"{self.path}/opening", SUPPLIER):
            raise Unexpected("a reader learns of deposits")
        return "the officer reads whose was there and whose was not, a reader nothing"

    def deposit_back(self) -> str:
        """Signing released it; one treasurer orders the transfer, and the statement that another takes in shows it."""
        eventually(lambda: self._stands("returning"))
        row = eventually(self._ordered)
        self._bank_tells(-self.deposit, row["reference"])
        eventually(lambda: self._stands("returned"))
        self.person(PAYER).reads(f"/payments/{self.charge}", "has been returned to you")
        return f"{self._receipt('refund')}; {self._books()}"

    @property
    def deposit(self) -> Decimal:
        """In euros."""
        return Decimal(self.story.deposit)

    def _charge(self) -> Any:
        """The charge with its movements, as the payer's program reads it."""
        return msgspec.json.decode(self.program(PAYER).fetch(f"/api/v1/charges/{self.charge}"))

    def _stands(self, state: str) -> None:
        found = self._charge()["charge"]["state"]
        if found != state:
            raise Unexpected(f"the deposit is {found}, not {state}")

    def _ordered(self) -> dict[str, str]:
        """The line of the list for the bank that pays this charge back."""
        treasurer = self.afresh(TREASURERS[1])
        page = treasurer.get("/treasury/transfers").text
        if f"/treasury/charges/{self.charge}" not in page:
            raise Unexpected("the treasury owes nothing yet")
        lists = re.findall(r"/treasury/transfers/\w+/transfers\.csv", treasurer.post("/treasury/transfers").text)
        refunds = {one["id"] for one in self._charge()["movements"] if one["kind"] == "returning"}
        rows = csv.DictReader(treasurer.get(lists[0]).text.splitlines())
        return next(row for row in rows if row["refund"] in refunds)

    def _bank_tells(self, amount: Decimal, reference: str) -> None:
        """A treasurer fetches the day's statement and takes it in."""
        treasurer = self.afresh(TREASURERS[0])
        treasurer.get("/treasury/statements")
        moved = Movement(amount, "EUR", reference, secrets.token_hex(8), ACCOUNT, SUPPLIER)
        file = camt(self.treasury, date.today(), moved)
        treasurer.post("/treasury/statements", file=("statement.xml", file, "application/xml"))

    def _receipt(self, kind: str) -> str:
        """Its number, once the PDF is there and the official inbox tells of it."""
        row = re.compile(
            rf'/payments/receipts/(\w+)/receipt\.pdf">([^<]+)</a>(?:(?!</tr>).)*?{kind.title()}: '
            rf'<a href="/payments/{self.charge}"',
            re.S,
        )

        def found() -> str:
            payer = self.person(PAYER)
            receipt = row.search(payer.get("/payments/receipts").text)
            if receipt is None:
                raise Unexpected(f"there is no receipt for the {kind} yet")
            payer.reads("/inbox", f"Receipt {receipt[2]} for your {kind}")
            if not payer.get(f"/payments/receipts/{receipt[1]}/receipt.pdf").content.startswith(b"%PDF-"):
                raise Unexpected("the receipt is no PDF")
            return f"receipt {receipt[2]} lies in the inbox"

        return eventually(found)

    def _books(self) -> str:
        """What the treasury's own program reads of them."""
        sums: Counter[str] = Counter()
        for one in msgspec.json.decode(self.program(TREASURERS[0]).fetch("/api/v1/treasury/balances")):
            sums[one["money"]["currency"]] += one["money"]["amount"]
        if any(sums.values()):
            raise Unexpected(f"the books sum to {sums}")
        return "the books sum to zero"
