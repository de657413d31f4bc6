"""`kill -9` of every process while people work: nothing that anybody was told is lost.

KILLS says how many (`make faults` gives more). Each kill prints how many requests were in flight when it hit.
"""

import os
import random
import time
from collections.abc import Iterator

import pytest
from checker import Checker
from killing import VICTIMS, kill
from republic import address, republic
from traffic import Traffic
from whole_service import Up

from procurement.tour.acts import Tour
from procurement.tour.story import OWN

KILLS = int(os.environ.get("KILLS", "6"))


@pytest.fixture(scope="module")
def up(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Up]:
    with republic(tmp_path_factory) as up:
        yield up


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
            flying, steps = kill(up, name, traffic.flights), traffic.steps
            print(f"{time.monotonic() - began:6.1f} s  killed {name} with {flying} requests in flight, "
                  f"after {traffic.flights.answered} answers and {steps} steps of tours")  # fmt: skip
            assert flying > 0
            assert not traffic.failures, traffic.failures
        time.sleep(1)
    assert not traffic.failures, traffic.failures
    print(f"{traffic.flights.answered} requests answered, {traffic.flights.unanswered} repeated")
    for found in checker.check(traffic):
        print(f"  ok  {found}")
    checker.http.close()
    traffic.call.close()
    tour = Tour(address(up), OWN)
    assert [act() for _what, act in tour.steps()], "after everything the main job goes on"
    tour.close()
