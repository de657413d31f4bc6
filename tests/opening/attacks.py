"""Run in a process of its own, as `attacks.py LOCKS TARGETS`: confine it as the child that decrypts bids is, then do
what a broken parser of bids could be made to do. Prints, by attack, what became of it, as JSON.

LOCKS: "none", "calls", "landlock" or "both". TARGETS (JSON): a `file` to read, a `folder` with the files old and odd, a
`program`; a port of this machine (`tcp`), the socket of PostgreSQL (`postgres`) and an `abstract` one, which listen; an
`address` in the memory of the parent, which is whoever started this.
"""

import ctypes
import json
import mmap
import os
import platform
import resource
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

from procurement.opening.unseal import confine

LIBC = ctypes.CDLL(None, use_errno=True)
ATTACH, DETACH = 16, 17
NUMBERS = {"x86_64": (310, 425, 319, 302), "aarch64": (270, 425, 279, 261)}
READ_ANOTHER, IO_URING, MEMORY_FILE, LIMIT = NUMBERS.get(platform.machine(), NUMBERS["x86_64"])
LOCKS: dict[str, Callable[[], object]] = {
    "none": lambda: None,
    "calls": lambda: confine.filter_calls(LIBC),
    "landlock": lambda: confine.deny_files(LIBC),
    "both": confine.confine,
}


def call(number: int, *given: object) -> int:
    ctypes.set_errno(0)
    if (done := LIBC.syscall(number, *given)) < 0:
        raise OSError(ctypes.get_errno(), "")
    return int(done)


def connect(kind: socket.AddressFamily, address: object) -> None:
    with socket.socket(kind) as one:
        one.settimeout(5)
        one.connect(address)


def attach(pid: int) -> None:
    """Halt a process and be its debugger."""
    ctypes.set_errno(0)
    if LIBC.ptrace(ATTACH, pid, None, None) < 0:
        raise OSError(ctypes.get_errno(), "")
    os.waitpid(pid, 0)
    LIBC.ptrace(DETACH, pid, None, None)


def read_memory(pid: int) -> None:
    """By its file: the first bytes of what is mapped first."""
    with open(f"/proc/{pid}/maps") as maps:
        start = int(maps.readline().split("-")[0], 16)
    with open(f"/proc/{pid}/mem", "rb", buffering=0) as memory:
        memory.seek(start)
        assert memory.read(4)


def copy_memory(pid: int, at: int) -> None:
    """By the call for it: what stands in the other process at that address."""
    held = ctypes.create_string_buffer(8)
    ours = (ctypes.c_size_t * 2)(ctypes.addressof(held), 8)
    theirs = (ctypes.c_size_t * 2)(at, 8)
    call(READ_ANOTHER, pid, ours, ctypes.c_ulong(1), theirs, ctypes.c_ulong(1), ctypes.c_ulong(0))


def fork() -> None:
    if (child := os.fork()) == 0:
        os._exit(0)
    os.waitpid(child, 0)


def execute() -> None:
    subprocess.run(["/bin/true"], check=True, close_fds=False)


def replace_itself(program: str) -> None:
    """Only whether it could: the program is none, so it never takes this one's place."""
    try:
        os.execv(program, [program])
    except OSError as no:
        if no.errno != 8:  # ENOEXEC: the kernel looked into the file
            raise


def start_thread() -> None:
    thread = threading.Thread(target=lambda: None)
    thread.start()
    thread.join()


def bring_code() -> None:
    with mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC):
        pass


def bring_code_later() -> None:
    page = ctypes.c_char.from_buffer(mmap.mmap(-1, 4096))
    ctypes.set_errno(0)
    if LIBC.mprotect(ctypes.byref(page), ctypes.c_size_t(4096), 7) < 0:
        raise OSError(ctypes.get_errno(), "")


def attacks(target: dict[str, str], parent: int) -> dict[str, Callable[[], object]]:
    text = ctypes.create_string_buffer(b"x")
    return {
        "read a file": lambda: Path(target["file"]).read_bytes(),
        "read /etc/passwd": lambda: Path("/etc/passwd").read_bytes(),
        "read the parent's environment": lambda: Path(f"/proc/{parent}/environ").read_bytes(),
        "list a folder": lambda: os.listdir(target["folder"]),
        "write a file": lambda: os.close(os.open(f"{target['folder']}/new", os.O_CREAT | os.O_WRONLY)),
        "delete a file": lambda: os.unlink(f"{target['folder']}/old"),
        "rename a file": lambda: os.rename(f"{target['folder']}/odd", f"{target['folder']}/even"),
        "look at a file": lambda: os.stat(target["file"]),
        "open a socket": lambda: socket.socket().close(),
        "connect by TCP": lambda: connect(socket.AF_INET, ("127.0.0.1", int(target["tcp"]))),
        "connect to PostgreSQL": lambda: connect(socket.AF_UNIX, target["postgres"]),
        "connect to an abstract socket": lambda: connect(socket.AF_UNIX, "\0" + target["abstract"]),
        "send by UDP": lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("127.0.0.1", 9)),
        "fork": fork,
        "start a program": execute,
        "become a program": lambda: replace_itself(target["program"]),
        "start a thread": start_thread,
        "debug its parent": lambda: attach(parent),
        "read its parent's memory": lambda: read_memory(parent),
        "copy its parent's memory": lambda: copy_memory(parent, int(target["address"])),
        "signal its parent": lambda: os.kill(parent, 0),
        "make memory executable": bring_code,
        "make memory executable later": bring_code_later,
        "a file in memory": lambda: call(MEMORY_FILE, text, 0),
        "another way in and out": lambda: call(IO_URING, 1, ctypes.create_string_buffer(120)),
        "move its limits": lambda: call(LIMIT, 0, resource.RLIMIT_NOFILE, ctypes.create_string_buffer(b"\1", 16), None),
    }


def main(locks: str, targets: str) -> None:
    parent, became = os.getppid(), {}
    tried = attacks(json.loads(targets), parent)
    threads = len(os.listdir("/proc/self/task"))
    LIBC.prctl(confine.NO_NEW_PRIVS, 1, 0, 0, 0)
    LOCKS[locks]()
    for name, attack in tried.items():
        try:
            attack()
        except (OSError, RuntimeError) as no:
            became[name] = "PermissionError" if "can't start new thread" in str(no) else type(no).__name__
        else:
            became[name] = "done"
    print(json.dumps({"threads": threads, "became": became}))


if __name__ == "__main__":
    main(*sys.argv[1:])
