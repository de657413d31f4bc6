"""What the kernel takes from the child before it reads its first byte: two locks, each without root, each for good.

The filter of calls (seccomp) leaves it its memory and the pipes that are open already: no file, socket, process, or
look into another one. Landlock forbids files and sockets a second time, also where the filter does not know the
processor. A kernel that lacks one of them leaves the other.
"""

import codecs
import ctypes
import os
import platform
import struct
import sys
from collections.abc import Iterator

import msgspec

NO_NEW_PRIVS, SECCOMP, FILTER = 38, 22, 2  # for prctl
LANDLOCK_CREATE, LANDLOCK_RESTRICT, VERSION = 444, 446, 1

PROCESSORS = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}
"""Which column of CALLS is meant, and the kernel's name (AUDIT_ARCH_) for that table."""

CALLS = {
    "read": (0, 63),
    "write": (1, 64),
    "brk": (12, 214),
    "munmap": (11, 215),
    "mremap": (25, 216),
    "madvise": (28, 233),
    "futex": (202, 98),
    "close": (3, 57),
    "getrandom": (318, 278),
    "clock_gettime": (228, 113),
    "sched_yield": (24, 124),
    "rt_sigaction": (13, 134),
    "rt_sigprocmask": (14, 135),
    "rt_sigreturn": (15, 139),
    "sigaltstack": (131, 132),
    "restart_syscall": (219, 128),
    "exit": (60, 93),
    "exit_group": (231, 94),
}
"""All that a program needs that computes and uses its pipes: the number of each call, by column."""

MEMORY = {"mmap": (9, 222), "mprotect": (10, 226)}
"""The same, but no memory is made executable: no code comes in that was not there."""

LOAD, EQUAL, ANY_BIT, RETURN = 0x20, 0x15, 0x45, 0x06  # instructions of the classic BPF
NUMBER, TABLE, PROTECTION = 0, 4, 32  # where struct seccomp_data has them: `prot` is the low half of the third argument
EXECUTABLE = 4  # PROT_EXEC
ALLOW, DENY, KILL = 0x7FFF0000, 0x00050001, 0x80000000  # DENY: the call fails with EPERM

RIGHTS = ((5, (1 << 16) - 1), (3, (1 << 15) - 1), (2, (1 << 14) - 1), (1, (1 << 13) - 1))
"""Every right over files that a Landlock of that version, or a later one, can deny."""
TCP, SCOPE = (4, 3), (6, 3)  # from that version on: bind and connect; abstract sockets and signals


class Confinement(msgspec.Struct, frozen=True):
    """What holds: the filter of `calls`, and the version of Landlock, 0 without."""

    calls: bool
    landlock: int


def confine() -> Confinement:
    """Give up everything that the kernel can take. What this process may need later has to be loaded before."""
    codecs.lookup("utf-16-be")  # RFC 8785 orders names by it
    if sys.platform != "linux":
        return Confinement(calls=False, landlock=0)
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(NO_NEW_PRIVS, 1, 0, 0, 0):
        return Confinement(calls=False, landlock=0)  # the kernel takes neither lock without it
    landlock = deny_files(libc)
    return Confinement(calls=filter_calls(libc), landlock=landlock)


def deny_files(libc: ctypes.CDLL) -> int:
    """Landlock with no exception at all. The version, or 0 where there is none."""
    version = landlock_version(libc)
    if version < 1:
        return 0
    rules = ruleset(version)
    held: int = libc.syscall(LANDLOCK_CREATE, rules, len(rules), 0)
    if held < 0:
        return 0
    refused: int = libc.syscall(LANDLOCK_RESTRICT, held, 0)
    os.close(held)
    return 0 if refused else version


def landlock_version(libc: ctypes.CDLL) -> int:
    """What the kernel has of it: less than 1 where there is none, or it is not allowed."""
    version: int = libc.syscall(LANDLOCK_CREATE, None, 0, VERSION)
    return version


def ruleset(version: int) -> bytes:
    """struct landlock_ruleset_attr as far as that version has it: what is denied of files, of TCP, and beyond."""
    files = next(rights for since, rights in RIGHTS if version >= since)
    more = [denied for since, denied in (TCP, SCOPE) if version >= since]
    return struct.pack(f"={1 + len(more)}Q", files, *more)


def filter_calls(libc: ctypes.CDLL) -> bool:
    """Whether the kernel took the filter; False too where we have no table for the processor."""
    machine = platform.machine()
    if machine not in PROCESSORS:
        return False
    code = b"".join(program(machine))
    held = ctypes.create_string_buffer(code, len(code))
    rules = struct.pack("HP", len(code) // 8, ctypes.addressof(held))  # struct sock_fprog, with its padding
    refused: int = libc.prctl(SECCOMP, FILTER, rules, 0, 0)
    return not refused


def program(machine: str) -> Iterator[bytes]:
    """The filter, instruction by instruction. A call by another processor's table ends the process."""
    column, table = PROCESSORS[machine]
    yield from (_do(LOAD, TABLE), _do(EQUAL, table, yes=1), _do(RETURN, KILL), _do(LOAD, NUMBER))
    for numbers in CALLS.values():
        yield from (_do(EQUAL, numbers[column], no=1), _do(RETURN, ALLOW))
    for numbers in MEMORY.values():
        yield from (_do(EQUAL, numbers[column], no=4), _do(LOAD, PROTECTION), _do(ANY_BIT, EXECUTABLE, yes=1))
        yield from (_do(RETURN, ALLOW), _do(RETURN, DENY))
    yield _do(RETURN, DENY)


def _do(code: int, value: int, yes: int = 0, no: int = 0) -> bytes:
    """struct sock_filter: after a comparison `yes` or `no` instructions are passed over."""
    return struct.pack("=HBBI", code, yes, no, value)
