"""A breaker: while another service does not answer, nobody waits for it."""

import time


class Breaker:
    """After a failure nobody is let through for `pause` seconds; then one is, and what becomes of it counts for all."""

    def __init__(self, pause: float) -> None:
        self.pause, self._broken, self._until = pause, False, 0.0

    def lets_through(self) -> bool:
        if not self._broken:
            return True
        now = time.monotonic()
        if now < self._until:
            return False
        self._until = now + self.pause  # the others wait for what this one finds out
        return True

    def failed(self) -> None:
        self._broken, self._until = True, time.monotonic() + self.pause

    def worked(self) -> None:
        self._broken = False
