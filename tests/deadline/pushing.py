"""Bidders who submit version after version without pause, each on a connection of its own."""

import threading
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Self

import httpx
from crowd import Crowd
from hearing import CREATED
from rushing import Bidder, gather
from scene import Scene
from sending import ask

BIDDERS = 16


class Pushing(Crowd):
    """`received` bids, and how many had to be sealed anew because the tender was amended meanwhile."""

    def __init__(self, url: str, path: str, revision: str, bidders: Iterable[Bidder]) -> None:
        super().__init__()
        self.url, self.path, self.revision = url, path, revision
        self.bidders = list(bidders)
        self.versions = dict.fromkeys((one.supplier for one in self.bidders), 1)
        self.received = self.resealed = 0
        self._counting = threading.Lock()
        self._open: list[httpx.Client] = []

    @classmethod
    async def at(cls, scene: Scene) -> Self:
        bidders = await gather(scene.owner, scene.up.data, scene.tender, BIDDERS)
        return cls(scene.address, scene.path, (await scene.standing())[1], bidders)

    def work(self) -> Iterator[Callable[[], None]]:
        for bidder in self.bidders:
            self._open.append(httpx.Client(base_url=self.url, timeout=30))
            yield partial(self._submit, bidder, self._open[-1])

    def __exit__(self, *error: object) -> None:
        super().__exit__(*error)
        for http in self._open:
            http.close()

    def _submit(self, bidder: Bidder, http: httpx.Client) -> None:
        version, revision = self.versions[bidder.supplier], self.revision
        key = f"{version}-{revision[:16]}"
        answer = ask(http, bidder.request(self.path, key=key, version=version, client=key, revision=revision))
        if answer.status_code == CREATED:
            self.versions[bidder.supplier] += 1
        else:
            assert answer.json()["type"] == "/problems/revision-changed", answer.text
            told = http.get(self.path, headers={"authorization": f"Bearer {bidder.token}"}).json()
            self.revision = told["revision"]
        with self._counting:
            self.received += answer.status_code == CREATED
            self.resealed += answer.status_code != CREATED
