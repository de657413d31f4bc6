"""What the double knows, and what its acts do to it: objects as Stripe's interface shows them, and the events of each
change. Every change is in the journal before it is answered, so that a killed double knows it again.
"""

import json
import secrets
import time
from pathlib import Path
from typing import Any

Object = dict[str, Any]
ZERO = {"bif", "clp", "djf", "gnf", "jpy", "kmf", "krw", "mga", "pyg", "rwf", "vnd", "vuv", "xaf", "xof", "xpf"}
STEP = {"isk": 100, "bhd": 10, "jod": 10, "kwd": 10, "omr": 10, "tnd": 10}
NOT_TAKEN = {"iqd", "lyd", "uyi"}
FEE = 30  # minor units on each payment


class Wrong(Exception):
    """What Stripe would answer instead."""

    def __init__(self, message: str, status: int = 400, code: str = "parameter_invalid") -> None:
        super().__init__(message)
        self.status, self.code = status, code


class Books:
    def __init__(self, journal: Path) -> None:
        self.journal = journal
        self.objects: dict[str, Object] = {}
        self.events: list[Object] = []
        self.answers: dict[str, tuple[str, int, Object]] = {}
        for line in journal.read_text().splitlines() if journal.exists() else ():
            self._take(*json.loads(line))

    def _take(self, kind: str, value: Any) -> None:
        if kind == "object":
            self.objects[value["id"]] = value
        elif kind == "event":
            self.events.append(value)
        else:
            self.answers[value[0]] = (value[1], value[2], value[3])

    def _write(self, kind: str, value: Any) -> None:
        with self.journal.open("a") as file:
            file.write(json.dumps([kind, value]) + "\n")
        self._take(kind, value)

    def remember(self, key: str, asked: str, status: int, answer: Object) -> None:
        self._write("answer", [key, asked, status, answer])

    def put(self, one: Object, event: str = "") -> Object:
        self._write("object", one)
        if event:
            made = {"id": _new("evt"), "object": "event", "type": event, "created": _now(), "livemode": False}
            shown = {name: value for name, value in one.items() if not name.startswith("_")}
            self._write("event", {**made, "api_version": "2026-10-28.endive", "data": {"object": shown}})
        return one

    def get(self, name: str, kind: str) -> Object:
        found = self.objects.get(name)
        if found is None or found["object"] != kind:
            raise Wrong(f"No such {kind}: '{name}'", 404, "resource_missing")
        return found

    def of(self, kind: str) -> list[Object]:
        """The newest first, as every list of Stripe's."""
        return [one for one in reversed(self.objects.values()) if one["object"] == kind]

    def open_session(self, asked: Object, origin: str) -> Object:
        line = asked["line_items"][0]["price_data"]
        amount, currency = _money(line["unit_amount"], line["currency"])
        until = int(asked.get("expires_at", _now() + 86_400))
        if not _now() + 1_790 <= until <= _now() + 86_410:
            raise Wrong("expires_at must be between 30 minutes and 24 hours from now")
        if not asked.get("success_url"):
            raise Wrong("Missing required param: success_url")
        name = _new("cs_test")
        made = {
            "id": name,
            "object": "checkout.session",
            "status": "open",
            "payment_status": "unpaid",
            "created": _now(),
        }
        more = {"livemode": False, "url": f"{origin}/pay/{name}", "expires_at": until, "payment_intent": None}
        total = {"amount_total": amount, "currency": currency, "metadata": asked.get("metadata", {})}
        inside = {"_intent": asked.get("payment_intent_data", {}).get("metadata", {}), "_back": asked["success_url"]}
        return self.put({**made, **more, **total, **inside})

    def end_session(self, name: str) -> Object:
        session = self.get(name, "checkout.session")
        if session["status"] != "open":
            raise Wrong('Only Checkout Sessions with a status in ["open"] can be expired.')
        return self.put({**session, "status": "expired", "url": None}, "checkout.session.expired")

    def pay_session(self, name: str, card: str) -> Object:
        """Somebody fills in the payment page."""
        session = self.get(name, "checkout.session")
        if session["status"] != "open":
            raise Wrong("This page is over.")
        asked = {"amount": session["amount_total"], "currency": session["currency"], "metadata": session["_intent"]}
        known = session["payment_intent"]
        intent = self.get(known, "payment_intent") if known else self.open_intent(asked)
        session = self.put({**session, "payment_intent": intent["id"]})
        if self.pay(intent["id"], card)["status"] == "succeeded":
            over = {"status": "complete", "payment_status": "paid", "url": None}
            session = self.put({**session, **over}, "checkout.session.completed")
        return session

    def open_intent(self, asked: Object) -> Object:
        amount, currency = _money(asked["amount"], asked["currency"])
        name = _new("pi")
        made = {"id": name, "object": "payment_intent", "amount": amount, "amount_received": 0, "currency": currency}
        more = {"client_secret": f"{name}_secret_{secrets.token_hex(8)}", "status": "requires_payment_method"}
        rest = {"created": _now(), "livemode": False, "metadata": asked.get("metadata", {}), "last_payment_error": None}
        return self.put({**made, **more, **rest, "latest_charge": None})

    def end_intent(self, name: str) -> Object:
        intent = self.get(name, "payment_intent")
        if intent["status"] in ("succeeded", "canceled"):
            raise Wrong("You cannot cancel this PaymentIntent.", code="payment_intent_unexpected_state")
        return self.put({**intent, "status": "canceled"}, "payment_intent.canceled")

    def pay(self, name: str, card: str = "") -> Object:
        intent = self.get(name, "payment_intent")
        if intent["status"] != "requires_payment_method":
            raise Wrong("This PaymentIntent cannot be paid.", code="payment_intent_unexpected_state")
        if card == "declined":
            failed = {**intent, "last_payment_error": {"code": "card_declined"}}
            return self.put(failed, "payment_intent.payment_failed")
        charge = {"id": _new("ch"), "object": "charge", "payment_intent": name, "amount": intent["amount"]}
        self.put({**charge, "currency": intent["currency"], "created": _now(), "livemode": False})
        self._line("charge", charge["id"], intent["amount"], intent["currency"], FEE)
        paid = {"status": "succeeded", "amount_received": intent["amount"], "latest_charge": charge["id"]}
        return self.put({**intent, **paid, "last_payment_error": None}, "payment_intent.succeeded")

    def send_refund(self, asked: Object) -> Object:
        intent = self.get(asked["payment_intent"], "payment_intent")
        if intent["status"] != "succeeded":
            raise Wrong("This PaymentIntent has no successful charge.")
        left = intent["amount_received"] - sum(
            one["amount"]
            for one in self.of("refund")
            if one["payment_intent"] == intent["id"] and one["status"] != "failed"
        )
        amount, _ = _money(asked.get("amount", left), intent["currency"])
        if amount > left:
            raise Wrong("Refund amount is greater than unrefunded amount on charge", code="charge_already_refunded")
        made = {"id": _new("re"), "object": "refund", "amount": amount, "currency": intent["currency"]}
        more = {"created": _now(), "payment_intent": intent["id"], "charge": intent["latest_charge"]}
        refund = {**made, **more, "status": "succeeded", "metadata": asked.get("metadata", {})}
        self._line("refund", refund["id"], -amount, intent["currency"], 0)
        charge = self.get(intent["latest_charge"], "charge")
        self.put(refund, "refund.created")
        self.put(charge, "charge.refunded")
        return refund

    def fail_refund(self, name: str) -> Object:
        """The bank of the card did not take it back."""
        refund = self.get(name, "refund")
        self._line("refund_failure", name, refund["amount"], refund["currency"], 0)
        failed = {**refund, "status": "failed", "failure_reason": "expired_or_canceled_card"}
        return self.put(failed, "refund.failed")

    def dispute(self, name: str) -> Object:
        intent = self.get(name, "payment_intent")
        made = {"id": _new("dp"), "object": "dispute", "amount": intent["amount"], "currency": intent["currency"]}
        line = self._line("adjustment", made["id"], -intent["amount"], intent["currency"], 1500)
        more = {"status": "needs_response", "created": _now(), "payment_intent": name, "balance_transactions": [line]}
        return self.put({**made, **more}, "charge.dispute.created")

    def end_dispute(self, name: str, outcome: str) -> Object:
        dispute = self.get(name, "dispute")
        lines = dispute["balance_transactions"]
        if outcome == "won":
            lines = [*lines, self._line("adjustment", name, dispute["amount"], dispute["currency"], 0)]
        return self.put({**dispute, "status": outcome, "balance_transactions": lines}, "charge.dispute.closed")

    def pay_out(self, amount: int, currency: str, status: str) -> Object:
        made = {"id": _new("po"), "object": "payout", "amount": amount, "currency": currency, "arrival_date": _now()}
        self._line("payout", made["id"], -amount, currency, 0)
        return self.put({**made, "status": status, "created": _now()}, f"payout.{status}")

    def _line(self, kind: str, source: str, amount: int, currency: str, fee: int) -> Object:
        made = {"id": _new("txn"), "object": "balance_transaction", "type": kind, "source": source, "amount": amount}
        return self.put({**made, "currency": currency, "fee": fee, "net": amount - fee, "created": _now()})


def _money(amount: object, currency: str) -> tuple[int, str]:
    whole = int(str(amount))
    if currency != currency.lower() or currency in NOT_TAKEN:
        raise Wrong(f"Invalid currency: {currency}")
    if whole < 1 or whole > 99_999_999 or whole % STEP.get(currency, 1):
        raise Wrong("Invalid amount.", code="amount_invalid")
    return whole, currency


def _new(prefix: str) -> str:
    return f"{prefix}_{secrets.token_hex(12)}"


def _now() -> int:
    return int(time.time())
