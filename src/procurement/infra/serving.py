"""One way to serve an ASGI application: Granian, one worker process, as `procurement web` runs it.

The process that watches the worker imports nothing of the application.
"""

import asyncio
import signal
from collections.abc import Callable

from granian.constants import Interfaces, Loops
from granian.log import LogLevels
from granian.server import Server


def serve(factory: str, host: str, port: int) -> None:
    """Serve what `factory` (as `module:function`) makes, until a signal ends it."""
    Server(
        factory, factory=True, interface=Interfaces.ASGI, loop=Loops.uvloop,
        address=host, port=port, log_level=LogLevels.warning,
    ).serve()  # fmt: skip


def when_asked_to_end(do: Callable[[], None]) -> None:
    """Call `do` in the running loop of a serving process as soon as it is told to end.

    Granian ends the application only after every open request was answered: those that wait for something to happen
    have to hear of it before. Its own handlers stay: event loops learn of signals beside these.
    """
    loop = asyncio.get_running_loop()

    def asked(_number: int, _frame: object) -> None:
        loop.call_soon_threadsafe(do)

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, asked)
        signal.siginterrupt(number, False)
