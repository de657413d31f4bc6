"""`kill -9` of every process while people work: nothing that anybody was told is lost.

KILLS says how many (`make faults` gives more). Each kill prints how many requests were in flight when it hit.
"""

import os
import random
import signal
import time
from collections.abc import Iterator

import pytest
from checker import Checker
from republic import address, republic
from traffic import Traffic
from whole_service import Up, eventually

from procurement.tour.acts import Tour
from procurement.tour.story import OWN

KILLS = int(os.environ.get("KILLS", "6"))
VICTIMS = {
    "database": "postgres",
    "web": "-m procurement web",
    "worker": "-m procurement worker",
    "keyholder": "-m procurement keyholder",
}
BACK = 30.0  # seconds within which what was killed runs again


@pytest.fixture(scope="module")
def up(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Up]:
    with republic(tmp_path_factory) as up:
        yield up


def kill(up: Up, name: str, traffic: Traffic) -> int:
    """Kill one process of that name while requests fly; returns how many did, once all runs again."""

    def alive() -> set[int]:
        return {pid for pid, command in up.family().items() if VICTIMS[name] in command}

    before = alive()
    victim = random.choice(sorted(before))
    eventually(lambda: traffic.in_flight > 0, 5)
    flying = traffic.in_flight
    os.kill(victim, signal.SIGKILL)
    eventually(lambda: bool(alive() - before), BACK)
    eventually(up.is_ready, BACK)
    return flying


@pytest.mark.timeout(240 + 30 * KILLS)
def test_nothing_acknowledged_is_lost(up: Up) -> None:
    checker, traffic = Checker(address(up)), Traffic(address(up))
    traffic.prepare()
    victims = (list(VICTIMS) * KILLS)[:KILLS]
    random.shuffle(victims)
    began = time.monotonic()
    with traffic:
        for name in victims:
            time.sleep(random.uniform(0.2, 1.5))
            flying, steps = kill(up, name, traffic), traffic.steps
            print(f"{time.monotonic() - began:6.1f} s  killed {name} with {flying} requests in flight, "
                  f"after {traffic.answered} answers and {steps} steps of tours")  # fmt: skip
            assert flying > 0
            assert not traffic.failures, traffic.failures
        time.sleep(1)
    assert not traffic.failures, traffic.failures
    print(f"{traffic.answered} requests answered, {traffic.unanswered} repeated")
    for found in checker.check(traffic):
        print(f"  ok  {found}")
    checker.http.close()
    traffic.call.close()
    tour = Tour(address(up), OWN)
    assert [act() for _what, act in tour.steps()], "after everything the main job goes on"
    tour.close()
