"""What a bid that broke its parser could do with the child that decrypts it: nothing, by two locks of the kernel."""

import ctypes
import json
import os
import re
import socket
import struct
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from bids_to_open import seal
from opening_day import Day
from test_unseal import Sealed

from procurement.infra.doctor import State
from procurement.infra.files import Files
from procurement.infra.services.embedded import Postgres
from procurement.kernel.refusal import Refused
from procurement.opening import doctor, service
from procurement.opening.unseal import confine, parent
from procurement.settings import Settings

if TYPE_CHECKING:
    from conftest import Advance

pytestmark = pytest.mark.anyio

HERE = Path(__file__).parent
HEADERS = {
    "x86_64": Path("/usr/include/x86_64-linux-gnu/asm/unistd_64.h"),
    "aarch64": Path("/usr/include/asm-generic/unistd.h"),
}
BY_LANDLOCK = {
    "read a file", "read /etc/passwd", "read the parent's environment", "list a folder", "write a file",
    "delete a file", "rename a file", "connect by TCP", "connect to an abstract socket", "start a program",
    "become a program", "debug its parent", "read its parent's memory", "copy its parent's memory", "signal its parent",
    "end its parent",
}  # fmt: skip
HELD = ctypes.create_string_buffer(b"what the parent knows")

linux = pytest.mark.skipif(sys.platform != "linux", reason="only Linux has these locks")


@pytest.fixture
def targets(postgres: Postgres, tmp_path: Path) -> Iterator[dict[str, str]]:
    """What there is to attack: a settings file and a folder, this run's PostgreSQL, other sockets that listen."""
    secret, program = tmp_path / "procurement.env", tmp_path / "program"
    secret.write_text("DATABASE_URL=postgresql://app:secret@host/name")
    program.write_bytes(b"no program")
    program.chmod(0o755)
    for name in ("old", "odd"):
        (tmp_path / name).touch()
    with ExitStack() as open_:
        tcp = open_.enter_context(socket.create_server(("127.0.0.1", 0)))
        abstract = open_.enter_context(socket.socket(socket.AF_UNIX))
        abstract.bind(f"\0confined-{os.getpid()}")
        abstract.listen()
        yield {
            "file": str(secret), "folder": str(tmp_path), "program": str(program), "tcp": str(tcp.getsockname()[1]),
            "postgres": str(postgres.sockets / ".s.PGSQL.5432"), "abstract": f"confined-{os.getpid()}",
            "address": str(ctypes.addressof(HELD)),
        }  # fmt: skip


def attacked(locks: str, targets: dict[str, str]) -> dict[str, str]:
    """What became of each attack on a process under these locks."""
    argv = [sys.executable, str(HERE / "attacks.py"), locks, json.dumps(targets)]
    ran = subprocess.run(argv, capture_output=True, text=True, timeout=60, check=False)
    assert ran.returncode == 0, ran.stderr
    said = json.loads(ran.stdout)
    assert said["threads"] == 1, "a thread that was there before would not be confined"
    became: dict[str, str] = said["became"]
    return became


@linux
def test_each_attack_is_denied_by_the_filter_of_calls_and_most_by_landlock_too(targets: dict[str, str]) -> None:
    free = {name for name, became in attacked("none", targets).items() if became == "done"}
    assert free >= {
        "read a file",
        "list a folder",
        "connect by TCP",
        "connect to PostgreSQL",
        "start a program",
        "fork",
    }
    for name in ("old", "odd"):
        (Path(targets["folder"]) / name).touch()
    for locks in ("calls", "both"):
        became = attacked(locks, targets)
        assert {name: became[name] for name in free if became[name] != "PermissionError"} == {}, locks
    if confine.landlock_version(ctypes.CDLL(None)) < 6:
        pytest.skip("Landlock of this kernel does not know signals and abstract sockets")
    became = attacked("landlock", targets)
    assert {name for name in free if became[name] == "PermissionError"} == BY_LANDLOCK & free


@linux
async def test_a_child_has_no_environment_and_nothing_open_but_its_pipes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://app:secret@host/name")
    ours, theirs = os.pipe()
    os.set_inheritable(theirs, True)
    async with parent._started(0) as child:
        assert child.stdout
        assert (await parent.Frames(child.stdout).confinement()).calls
        its = Path(f"/proc/{child.pid}")
        assert (its / "environ").read_bytes() == b""
        assert sorted(one.name for one in (its / "fd").iterdir()) == ["0", "1", "2"]
        status = dict(line.split(":\t") for line in (its / "status").read_text().splitlines() if ":\t" in line)
        assert (status["NoNewPrivs"], status["Seccomp"], status["Threads"]) == ("1", "2", "1")
    for one in (ours, theirs):
        os.close(one)
    [found] = await doctor.unsealing(Settings(unseal_confined="required"))
    assert found.state is State.OK and "filter of calls" in found.text


@pytest.mark.parametrize("machine", sorted(confine.PROCESSORS))
def test_the_filter_lets_by_what_it_names_and_nothing_else_on_each_processor(machine: str) -> None:
    if not HEADERS[machine].exists():
        pytest.skip("no headers of the kernel here")
    numbers = known(HEADERS[machine])
    assert len(numbers) > 300
    column, table = confine.PROCESSORS[machine]
    named = {**confine.CALLS, **confine.MEMORY}
    assert {name: numbers[name] for name in named} == {name: held[column] for name, held in named.items()}
    code = b"".join(confine.program(machine))
    allowed = {name for name, number in numbers.items() if answered(code, number, table) == confine.ALLOW}
    assert allowed == set(named)
    executable = {name for name in named if answered(code, numbers[name], table, 1 | 4) == confine.ALLOW}
    assert executable == set(confine.CALLS)
    assert answered(code, numbers["read"] | 0x40000000, table) == confine.DENY, "the table of x32"
    assert answered(code, numbers["read"], 0x40000003) == confine.KILL, "a call by the table of another processor"


def known(header: Path) -> dict[str, int]:
    """The calls of a processor by name, from the kernel's own header."""
    named = re.findall(r"^#define __NR(?:3264)?_(\w+)\s+(\d+)$", header.read_text(), re.M)
    return {name: int(number) for name, number in named if name not in ("syscalls", "arch_specific_syscall")}


def answered(code: bytes, number: int, table: int, protection: int = 1) -> int:
    """What the kernel would answer: the few instructions of the classic BPF that we use, one after the other."""
    data = struct.pack("=iIQ6Q", number, table, 0, 0, 4096, protection, 0, 0, 0)
    at, held = 0, 0
    while True:
        what, yes, no, value = struct.unpack_from("=HBBI", code, at * 8)
        at += 1
        if what == confine.RETURN:
            return int(value)
        if what == confine.LOAD:
            [held] = struct.unpack_from("=I", data, value)
        else:
            met = held == value if what == confine.EQUAL else bool(held & value)
            assert what in (confine.EQUAL, confine.ANY_BIT)
            at += yes if met else no


def test_what_each_version_of_landlock_knows_is_denied() -> None:
    sizes = {version: len(confine.ruleset(version)) for version in (1, 3, 4, 5, 6, 7)}
    assert sizes == {1: 8, 3: 8, 4: 16, 5: 16, 6: 24, 7: 24}
    assert confine.ruleset(1) == struct.pack("=Q", 0x1FFF)
    assert confine.ruleset(7) == struct.pack("=3Q", 0xFFFF, 3, 3)


async def test_a_confined_child_reads_names_of_every_script(tmp_path: Path) -> None:
    """What it needs for that is loaded before: it can load nothing any more."""
    names = ["Łódź, étude.txt", "प्रस्ताव.txt", "عرض الأسعار.txt", "提案书.txt", "😀.txt"]
    sealed = Sealed({name: name.encode() for name in names})
    contents, _ = await parent.unseal(sealed.job(), sealed.stream, Files.connect("", tmp_path))
    assert [one.name for one in contents.documents] == names


@pytest.fixture
def other_processor(monkeypatch: pytest.MonkeyPatch) -> None:
    """The child runs on a processor whose calls we have no table of."""
    script = (
        "import platform; platform.machine = lambda: 'vax'; from procurement.opening.unseal import child; child.main()"
    )
    monkeypatch.setattr(parent, "CHILD", ("-I", "-c", script))


async def test_where_calls_cannot_be_filtered_bids_are_opened_unless_that_is_asked_for(
    other_processor: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    sealed, files = Sealed({"offer.txt": b"asphalt"}), Files.connect("", tmp_path)
    assert not (await parent.confinement()).calls
    contents, _ = await parent.unseal(sealed.job(), sealed.stream, files)
    assert [one.name for one in contents.documents] == ["offer.txt"]
    assert "not confined" in caplog.text
    monkeypatch.setenv("UNSEAL_CONFINED", "required")
    with pytest.raises(Refused) as no:
        await parent.unseal(sealed.job(), sealed.stream, files)
    assert no.value.code == "unconfined"


async def test_an_opening_that_asks_for_a_confined_child_waits_for_one(
    day: Day, advance: "Advance", other_processor: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    who = await day.bidder("Adler Strassenbau")
    await day.submit(who, seal(await day.tender(), who.organisation))
    await day.close_bidding(advance)
    with monkeypatch.context() as here:
        here.setenv("UNSEAL_CONFINED", "required")
        await day.open()
    async with day.database.begin(day.town.olga) as tx:
        held = (await service.view(tx, day.tender_id)).opening
    assert held and held.shown_at is None and "cannot confine" in held.problem
    await day.sweep()
    assert [bid.valid for bid in await day.opened()] == [True]


async def test_the_doctor_says_what_confines_the_child(other_processor: None, monkeypatch: pytest.MonkeyPatch) -> None:
    [found] = await doctor.unsealing(Settings())
    assert found.state is State.ADVICE and "not confined" in found.text
    [found] = await doctor.unsealing(Settings(unseal_confined="required"))
    assert found.state is State.BROKEN and "openings wait" in found.text
    monkeypatch.setattr(parent, "CHILD", ("-c", ""))
    [found] = await doctor.unsealing(Settings())
    assert found.state is State.BROKEN and "does not start" in found.text
