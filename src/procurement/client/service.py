"""The service, as a program sees it."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

import httpx
import msgspec

from procurement.client import feed
from procurement.client.answers import (
    Change,
    Clock,
    Keys,
    Me,
    Notice,
    NoticePage,
    PublicAward,
    PublicAwardPage,
    PublicOrganisation,
    PublicOrganisationPage,
    SteppedUp,
)
from procurement.client.bids import Bids
from procurement.client.calls import Calls
from procurement.client.groups import Awards, Contracts, Evaluations, Openings, Questions, Tenders

P = TypeVar("P", NoticePage, PublicAwardPage, PublicOrganisationPage)


class Client:
    """The service at `url`, as the owner of `token`, or as nobody. One thread at a time.

    Every method raises Problem when the service refuses, or cannot be reached within `patience` seconds. `timeout` is
    for one try, in seconds.
    """

    def __init__(
        self,
        url: str,
        token: str = "",
        *,
        patience: float = 60.0,
        timeout: float = 30.0,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self.calls = calls = Calls(url, token, patience, timeout, transport)
        self.tenders, self.questions, self.bids = Tenders(calls), Questions(calls), Bids(calls)
        self.opening, self.evaluation = Openings(calls), Evaluations(calls)
        self.awards, self.contracts = Awards(calls), Contracts(calls)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        self.calls.http.close()

    @property
    def etag(self) -> str:
        """The version of what the last call answered, "" if it has none: the `if_match` of a change."""
        return self.calls.etag

    def me(self) -> Me:
        return self.calls.read("/me", Me)

    def step_up(self, *, password: str = "", code: str = "") -> datetime:
        """Prove who is behind the token; returns until when it may open, approve an award and sign."""
        return self.calls.act("POST", "/me/step-up", {"password": password, "code": code}, returns=SteppedUp).until

    def notices(self, **asked: str) -> Iterator[Notice]:
        """Search the public record, with the parameters of the search page (`q`, `status`, `cpv`, `since` …)."""
        for page in self._pages("/notices", NoticePage, asked):
            yield from page.notices

    def public_awards(self, **asked: str) -> Iterator[PublicAward]:
        """Search awards and their contracts, ours and others' (`q`, `supplier`, `most`, `period` …)."""
        for page in self._pages("/awards", PublicAwardPage, asked):
            yield from page.awards

    def organisations(self, **asked: str) -> Iterator[PublicOrganisation]:
        """Search whoever buys, and whoever has won (`q`, `role`, `source`)."""
        for page in self._pages("/buyers-and-suppliers", PublicOrganisationPage, asked):
            yield from page.organisations

    def feed(
        self,
        *,
        after: int | None = None,
        saved: Path | None = None,
        types: Iterable[str] = (),
        process: str = "",
        wait: float = feed.WAIT,
    ) -> Iterator[Change]:
        """Every change of the public record, for ever: above `after`, or from where the file `saved` says."""
        return feed.follow(self.calls, after, saved, types, process, wait)

    def keys(self) -> Keys:
        """The log's name and its public keys."""
        return self._decoded("/ledger/keys", Keys)

    def checkpoint(self) -> str:
        """The newest signed checkpoint of the log: worth keeping."""
        return self.fetch("/ledger/checkpoint").decode()

    def fetch(self, path: str) -> bytes:
        """Any other address, as it is."""
        return self.calls.send("GET", path).content

    def clock(self) -> Clock:
        """The clocks of a sandbox."""
        return self.calls.read("/sandbox/clock", Clock)

    def move_clock(self, seconds: int) -> Clock:
        """Move a sandbox's legal time forward, for everyone in it."""
        return self.calls.act("POST", "/sandbox/clock", {"seconds": seconds}, returns=Clock)

    def _pages(self, path: str, returns: type[P], asked: dict[str, str]) -> Iterator[P]:
        """Each page of a list, until the last."""
        while True:
            page = self.calls.read(path, returns, asked)
            yield page
            if not page.next:
                return
            asked = asked | {"after": page.next}

    def _decoded(self, path: str, returns: type[Keys]) -> Keys:
        return msgspec.json.decode(self.fetch(path), type=returns)
