"""The double's HTTP side: `python -m stripe_double.server PORT JOURNAL`.

Requests are looked at as Stripe would: the key, the version of the interface, every parameter. A POST with an
`Idempotency-Key` is done once; whoever sends it again gets the first answer again, a 500 too, and with other
parameters an error. `/_double/faults` breaks answers to come, after their work was done.
"""

import json
import os
import re
import sys
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from stripe_double import shapes
from stripe_double.books import Books, Object, Wrong

VERSION = "2026-10-28.endive"
PAGE = "<!doctype html><title>Pay</title><form method=post><button name=card value=good>Pay</button></form>"


class Server(ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, port: int, journal: Path) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.books, self.one = Books(journal), threading.RLock()
        self.faults: list[str] = []
        self.seen: list[str] = []

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class Handler(BaseHTTPRequestHandler):
    server: Server
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: object) -> None:
        """Nobody reads it."""

    def do_GET(self) -> None:
        self._answer("GET", urlsplit(self.path).query)

    def do_POST(self) -> None:
        self._answer("POST", self.rfile.read(int(self.headers.get("content-length", 0))).decode())

    def _answer(self, method: str, form: str) -> None:
        path, asked = urlsplit(self.path).path, shapes.parsed(form)
        with self.server.one:
            if path.startswith("/_double/"):
                return self._send(200, control(self.server, path.removeprefix("/_double/"), asked))
            if path.startswith("/pay/"):
                return self._page(method, path.removeprefix("/pay/"), asked)
            self.server.seen.append(f"{method} {path}")
            fault = self.server.faults.pop(0) if self.server.faults else ""
            status, answer = self._done(method, path, asked, form, fault)
        self._break(fault)
        if fault != "drop":
            self._send(status, answer)

    def _done(self, method: str, path: str, asked: Object, form: str, fault: str) -> tuple[int, Any]:
        """The work itself, once for each idempotency key."""
        if not self.headers.get("authorization", "").startswith("Bearer sk_test_"):
            return _error(Wrong("Invalid API Key provided", 401, "api_key_invalid"))
        key = self.headers.get("idempotency-key", "") if method == "POST" else ""
        known = self.server.books.answers.get(key) if key else None
        if known:
            if known[0] != path + form:
                return _error(Wrong("Keys for idempotent requests can only be used with the same parameters."))
            return known[1], known[2]
        try:
            self._must_be_good(method, path, asked)
            status, answer = 200, routed(self.server, method, path, asked)
        except Wrong as wrong:
            status, answer = _error(wrong)
        if fault == "error":
            status, answer = 500, {"error": {"type": "api_error", "message": "An error occurred."}}
        if key and (status < 400 or status >= 500):
            self.server.books.remember(key, path + form, status, answer)
        return status, answer

    def _must_be_good(self, method: str, path: str, asked: Object) -> None:
        if self.headers.get("stripe-version") != VERSION:
            raise Wrong("Invalid Stripe API version")
        shape = shapes.OF.get((method, re.sub(r"(?<=/)(cs|pi|re|dp|po|txn)_\w+", "", path)))
        wrong = shapes.problem(asked, shape) if shape else ""
        if wrong:
            raise Wrong(wrong, code="parameter_unknown")

    def _break(self, fault: str) -> None:
        """The work is done; what becomes of the answer is another matter."""
        if fault == "die":
            os._exit(9)
        if fault == "hang":
            time.sleep(60)
        if fault == "drop":
            self.close_connection = True

    def _page(self, method: str, name: str, asked: Object) -> None:
        if method == "GET":
            return self._send(200, PAGE)
        session = self.server.books.pay_session(name, str(asked.get("card", "")))
        self.send_response(303)
        self.send_header("location", session["_back"] if session["status"] == "complete" else self.path)
        self.send_header("content-length", "0")
        self.end_headers()

    def _send(self, status: int, answer: Any) -> None:
        body = answer.encode() if isinstance(answer, str) else json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("content-type", "text/html" if isinstance(answer, str) else "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def _error(wrong: Wrong) -> tuple[int, Object]:
    kind = "idempotency_error" if "idempotent" in str(wrong) else "invalid_request_error"
    return wrong.status, {"error": {"type": kind, "code": wrong.code, "message": str(wrong)}}


Route = Callable[[Server, str, Object], Any]
ROUTES: dict[tuple[str, str], Route] = {
    ("POST", r"/v1/checkout/sessions"): lambda at, name, asked: at.books.open_session(asked, at.origin),
    ("GET", r"/v1/checkout/sessions/(\w+)"): lambda at, name, asked: at.books.get(name, "checkout.session"),
    ("POST", r"/v1/checkout/sessions/(\w+)/expire"): lambda at, name, asked: at.books.end_session(name),
    ("POST", r"/v1/payment_intents"): lambda at, name, asked: at.books.open_intent(asked),
    ("GET", r"/v1/payment_intents"): lambda at, name, asked: listed(at, "payment_intent", asked),
    ("GET", r"/v1/payment_intents/(\w+)"): lambda at, name, asked: expanded(
        at, at.books.get(name, "payment_intent"), "latest_charge" in asked.get("expand", [])
    ),
    ("POST", r"/v1/payment_intents/(\w+)/cancel"): lambda at, name, asked: at.books.end_intent(name),
    ("POST", r"/v1/refunds"): lambda at, name, asked: at.books.send_refund(asked),
    ("GET", r"/v1/refunds"): lambda at, name, asked: listed(at, "refund", asked),
    ("GET", r"/v1/refunds/(\w+)"): lambda at, name, asked: at.books.get(name, "refund"),
    ("GET", r"/v1/balance_transactions"): lambda at, name, asked: listed(at, "balance_transaction", asked),
    ("GET", r"/v1/disputes/(\w+)"): lambda at, name, asked: at.books.get(name, "dispute"),
    ("GET", r"/v1/payouts/(\w+)"): lambda at, name, asked: at.books.get(name, "payout"),
    ("GET", r"/v1/account"): lambda at, name, asked: {
        "id": "acct_double",
        "object": "account",
        "charges_enabled": True,
    },
}


def routed(server: Server, method: str, path: str, asked: Object) -> Any:
    for (wanted, pattern), route in ROUTES.items():
        if wanted == method and (found := re.fullmatch(pattern, path)):
            return _shown(route(server, found[1] if found.groups() else "", asked))
    raise Wrong(f"Unrecognized request URL ({method}: {path}).", 404, "resource_missing")


def listed(server: Server, kind: str, asked: Object) -> Object:
    """A page, the newest first."""
    found = [one for one in server.books.of(kind) if _in_window(one, asked.get("created", {}))]
    if wanted := asked.get("payment_intent"):
        found = [one for one in found if one["payment_intent"] == wanted]
    if after := asked.get("starting_after"):
        found = found[[one["id"] for one in found].index(after) + 1 :]
    most = int(asked.get("limit", 10))
    for name in asked.get("expand", []):
        field = name.removeprefix("data.")
        found = [expanded(server, one, True, field) for one in found]
    return {"object": "list", "data": [_shown(one) for one in found[:most]], "has_more": len(found) > most, "url": kind}


def expanded(server: Server, one: Object, wanted: bool, field: str = "latest_charge") -> Object:
    return {**one, field: server.books.objects.get(one[field], one[field])} if wanted else one


def _in_window(one: Object, window: dict[str, str]) -> bool:
    return int(window.get("gte", 0)) <= one["created"] < int(window.get("lt", 2**40))


def _shown(one: Any) -> Any:
    return {name: value for name, value in one.items() if not name.startswith("_")}


def forget(server: Server) -> None:
    """Everything, for the next test."""
    server.books.journal.unlink(missing_ok=True)
    server.books, server.faults, server.seen = Books(server.books.journal), [], []


def control(server: Server, act: str, asked: Object) -> Any:
    """What a test makes happen there, and what it may know."""
    books, name = server.books, str(asked.get("id", ""))
    acts: dict[str, Callable[[], Any]] = {
        "forget": lambda: forget(server),
        "events": lambda: books.events,
        "seen": lambda: server.seen,
        "objects": lambda: books.of(str(asked["kind"])),
        "faults": lambda: server.faults.extend(str(asked["next"]).split()),
        "intent": lambda: books.open_intent(asked),
        "long-ago": lambda: books.put({**books.get(name, "payment_intent"), "created": 1_700_000_000}),
        "many": lambda: [
            books.pay(books.open_intent({"amount": 100, "currency": "eur"})["id"])["id"]
            for _ in range(int(str(asked["count"])))
        ],
        "pay": lambda: books.pay(name, str(asked.get("card", ""))),
        "pay-session": lambda: books.pay_session(name, str(asked.get("card", ""))),
        "refund": lambda: books.send_refund(asked),
        "fail-refund": lambda: books.fail_refund(name),
        "dispute": lambda: books.dispute(name),
        "end-dispute": lambda: books.end_dispute(name, str(asked["outcome"])),
        "payout": lambda: books.pay_out(int(str(asked["amount"])), str(asked["currency"]), str(asked["status"])),
    }
    return acts[act]()


if __name__ == "__main__":
    Server(int(sys.argv[1]), Path(sys.argv[2])).serve_forever()
