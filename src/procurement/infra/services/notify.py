"""How a process says that it is ready: the datagram that systemd reads, and `procurement up` too."""

import os
import socket
from contextlib import suppress
from functools import cache
from pathlib import Path

VARIABLE = "NOTIFY_SOCKET"
READY = b"READY=1"


@cache
def ready() -> None:
    """Tell whoever started this process, once, that it does its work; nobody may be listening (see sd_notify(3))."""
    address = os.environ.get(VARIABLE, "")
    if not address:
        return
    if address.startswith("@"):
        address = "\0" + address[1:]
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender, suppress(OSError):
        sender.connect(address)
        sender.sendall(READY)


class Ear:
    """Listens for one process: bound to `path` until it is closed."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.setblocking(False)
        self.socket.bind(str(path))

    async def heard(self) -> bool:
        """Whether the process said that it is ready since we last asked."""
        with suppress(BlockingIOError):
            while word := self.socket.recv(4096):
                if READY in word.split(b"\n"):
                    return True
        return False

    def close(self) -> None:
        self.socket.close()
        self.path.unlink(missing_ok=True)
