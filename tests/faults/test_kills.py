"""`kill -9` of every process while people work: nothing that anybody was told is lost.

WEB_KILLS, WORKER_KILLS (the sequencer is in it), KEYHOLDER_KILLS and DATABASE_KILLS say how many, FLUSH_SECONDS how
often Valkey forgets everything (`make faults` gives more). Each kill prints how many requests were in flight when it
hit. The keyholder is killed while an opening is under way.
"""

import os
import random
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from bidders import CANARY
from checker import Checker
from crowd import PATIENCE
from followers import Polling, Streaming, agree, heard_all
from killing import kill
from openings import LONG
from redis import Redis
from redis.exceptions import RedisError
from republic import address, republic
from scanner import files_of, scan
from traffic import Traffic
from whole_service import Up, eventually

from procurement.tour.acts import Tour
from procurement.tour.story import OWN

IN_THE_SUITE = {"web": 1, "worker": 1, "database": 1, "keyholder": 2}
KILLS = {name: int(os.environ.get(f"{name.upper()}_KILLS", few)) for name, few in IN_THE_SUITE.items()}
FLUSH = float(os.environ.get("FLUSH_SECONDS", "2"))
EACH = 3  # times at most that the keyholder is killed during one opening
OPENING = 120.0  # seconds by which an opening that was let go is under way
WORK = 20  # answers between two kills: what was killed works again


@pytest.fixture(scope="module")
def temporary(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the service's processes put what they do not keep."""
    return tmp_path_factory.mktemp("temporary")


@pytest.fixture(scope="module")
def up(tmp_path_factory: pytest.TempPathFactory, temporary: Path) -> Iterator[Up]:
    with republic(tmp_path_factory, TMPDIR=str(temporary)) as up:
        yield up


@pytest.mark.timeout(300 + 30 * sum(KILLS.values()))
def test_nothing_acknowledged_is_lost(up: Up, temporary: Path, tmp_path: Path) -> None:
    turns = list(orders())
    checker, traffic = Checker(address(up)), Traffic(address(up), turns.count("opening"))
    traffic.prepare()
    followers = [Polling(address(up), tmp_path / "position"), Streaming(address(up))]
    with forgetful(up) as flushes, traffic:
        hits = kill_in_turn(up, traffic, turns)
        eventually(lambda: traffic.failures or not traffic.openings.waiting, LONG)
    assert not traffic.failures, traffic.failures
    flights = traffic.flights
    print(f"{sum(KILLS.values())} kills hit {sum(hits.values())} requests in flight, {dict(hits)}; Valkey was emptied "
          f"{flushes['done']} times; {flights.answered} requests answered, {flights.unanswered} repeated, "
          f"refusals {dict(flights.problems)}")  # fmt: skip
    for found in checker.check(traffic):
        print(f"  ok  {found}")
    heard_all(up, followers)
    print(f"  ok  {agree(up, followers)}")
    print(f"  ok  {unreadable(up, temporary, traffic)}")
    checker.http.close()
    traffic.close()
    tour = Tour(address(up), OWN)
    assert [act() for _what, act in tour.steps()], "after everything the main job goes on"
    tour.close()


def orders() -> Iterator[str]:
    """Whom to kill, shuffled; "opening" lets the next one go, and then the keyholder is killed a few times."""
    others = [name for name, times in KILLS.items() for _ in range(times) if name != "keyholder"]
    runs = [["opening", *["keyholder"] * len(range(KILLS["keyholder"])[at : at + EACH])]
            for at in range(0, KILLS["keyholder"], EACH)]  # fmt: skip
    turns: list[list[str]] = [[name] for name in others] + runs
    random.shuffle(turns)
    for turn in turns:
        yield from turn


def kill_in_turn(up: Up, traffic: Traffic, turns: list[str]) -> Counter[str]:
    """Requests in flight by who was killed; of the keyholder by the step of the opening too."""
    began, hits, openings = time.monotonic(), Counter[str](), traffic.openings
    for name in turns:
        if name == "opening":
            openings.let_go.release()
            eventually(lambda: traffic.failures or openings.at != "", OPENING)
            continue
        if name == "keyholder":  # it has to be hit while an opening needs it
            time.sleep(random.uniform(0.1, 1.2))
        else:
            answered = traffic.flights.answered
            eventually(lambda since=answered: traffic.failures or traffic.flights.answered >= since + WORK, PATIENCE)
            time.sleep(random.uniform(0, 1))
        step, flying = openings.at, kill(up, name, traffic.flights)
        hits[f"{name} {step}".strip() if name == "keyholder" else name] += flying
        print(f"{time.monotonic() - began:6.1f} s  killed {name} with {flying} requests in flight, after "
              f"{traffic.flights.answered} answers and {traffic.steps} steps of tours"
              f"{f'; an opening was to be {step}' * bool(step)}")  # fmt: skip
        assert flying > 0
        assert not traffic.failures, traffic.failures
    time.sleep(1)
    return hits


@contextmanager
def forgetful(up: Up) -> Iterator[Counter[str]]:
    """Valkey forgets everything every FLUSH seconds; how often it did."""
    times, enough = Counter[str](), threading.Event()

    def flush() -> None:
        while not enough.wait(FLUSH):
            try:
                with Redis(unix_socket_path=f"{up.data}/run/valkey.sock") as valkey:
                    valkey.flushall()
                times["done"] += 1
            except RedisError as lost:
                times[str(lost)] += 1

    thread = threading.Thread(target=flush, daemon=True)
    thread.start()
    yield times
    enough.set()
    thread.join()


def unreadable(up: Up, temporary: Path, traffic: Traffic) -> str:
    """Of bids that were not opened nothing readable lies in the files of the service, its logs and what it left."""
    kept = [path for path in files_of(up.data) if "opened" not in path.parts]
    found = scan({"data": kept, "temporary": files_of(temporary)}, {"canary": CANARY})
    sealed = sum(len(call.submissions) for call in traffic.lasting)
    assert found == set(), found
    return f"no word of {sealed} sealed bids in {len(kept)} files"
