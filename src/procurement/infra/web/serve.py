"""One way to serve an ASGI application: Granian, one worker process, as `procurement web` runs it."""

from granian.constants import Interfaces, Loops
from granian.log import LogLevels
from granian.server import Server


def serve(factory: str, host: str, port: int) -> None:
    """Serve what `factory` (as `module:function`) makes, until a signal ends it."""
    Server(
        factory, factory=True, interface=Interfaces.ASGI, loop=Loops.uvloop,
        address=host, port=port, log_level=LogLevels.warning,
    ).serve()  # fmt: skip
