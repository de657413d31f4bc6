"""Many at work at once, each in a thread of its own."""

import threading
from collections.abc import Callable, Iterable
from typing import Self

PATIENCE = 180.0  # seconds within which everybody must be told, however slow the machine


class Crowd:
    """`with crowd:` each goes on until its end, and finishes what is begun. A failure of one is the test's."""

    def __init__(self) -> None:
        self.failures: list[BaseException] = []
        self.enough = threading.Event()
        self._threads: list[threading.Thread] = []

    def work(self) -> Iterable[Callable[[], None]]:
        """What each of them does, again and again."""
        raise NotImplementedError

    def __enter__(self) -> Self:
        self._threads = [threading.Thread(target=self._on_and_on, args=(one,), daemon=True) for one in self.work()]
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.enough.set()
        for thread in self._threads:
            thread.join(2 * PATIENCE)
        assert not any(thread.is_alive() for thread in self._threads), "somebody was never told"

    def _on_and_on(self, work: Callable[[], None]) -> None:
        while not self.enough.is_set():
            try:
                work()
            except BaseException as failure:
                self.failures.append(failure)
                return
