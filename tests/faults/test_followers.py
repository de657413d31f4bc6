"""Whoever follows the feed misses nothing, while many write and what they write to is killed now and then.

WRITERS and FEED_SECONDS say how many and how long (`make faults` gives 50 and 300).
"""

import asyncio
import os
import random
import statistics
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import msgspec
import pytest
from attacker import superuser
from followers import SETTLED, Follower, Polling, Streaming, agree
from killing import kill
from republic import address, republic
from whole_service import Up, eventually
from writers import Writers

from procurement.kernel.entry import Record

WRITERS = int(os.environ.get("WRITERS", "6"))
SECONDS = float(os.environ.get("FEED_SECONDS", "8"))
VICTIMS = ("web", "worker", "database")
ASKED = (
    "SELECT leaf.leaf_index, record.body FROM ledger_leaf leaf JOIN ledger_record record ON record.id = leaf.record_id "
    "WHERE record.type = 'QuestionAsked'"
)


@pytest.fixture(scope="module")
def up(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Up]:
    with republic(tmp_path_factory, API_PER_MINUTE="100000", PAGES_PER_MINUTE="0") as up:  # many here are few people
        yield up


@pytest.mark.timeout(240 + 3 * SECONDS)
def test_a_follower_misses_nothing(up: Up, tmp_path: Path) -> None:
    writers = Writers(address(up), WRITERS)
    writers.prepare()
    followers = [Polling(address(up), tmp_path / "position"), Streaming(address(up))]
    with writers:
        flying = kill_now_and_then(up, writers, time.monotonic() + SECONDS)
    assert not writers.failures, writers.failures
    for follower in followers:
        eventually(lambda one=follower: one.failures or heard(one) >= set(writers.answered), SETTLED)
        assert not follower.failures, follower.failures
    print(f"{len(flying)} kills hit {sum(flying)} requests in flight; {writers.flights.answered} requests answered, "
          f"{writers.flights.unanswered} sent again, {writers.repeated} asked twice on purpose")  # fmt: skip
    for follower in followers:
        print(check(up, follower, writers))
    print(agree(up, followers))


def kill_now_and_then(up: Up, writers: Writers, until: float) -> list[int]:
    """Each of VICTIMS in turn, shuffled, with time to work in between; how many requests were in flight each time."""
    flying: list[int] = []
    while time.monotonic() < until or len(flying) < len(VICTIMS):
        for name in random.sample(VICTIMS, len(VICTIMS)):
            time.sleep(random.uniform(0.5, max(1.0, SECONDS / 20)))
            flying.append(kill(up, name, writers.flights))
            print(f"killed {name} with {flying[-1]} requests in flight, after {len(writers.answered)} answers")
            assert not writers.failures, writers.failures
    return flying


def heard(follower: Follower) -> set[str]:
    """The questions whose answers a follower was told of."""
    return {change.fact["question"] for change in list(follower.seen.values()) if change.type == "QuestionAnswered"}


def check(up: Up, follower: Follower, writers: Writers) -> str:
    """Everything that anybody was told was done, a follower was told once, at a place of its own."""
    assert sorted(follower.seen) == list(range(follower.newest + 1)), "an index is missing"
    told = {change.fact["question"]: index for index, change in follower.seen.items()
            if change.type == "QuestionAnswered"}  # fmt: skip
    times = Counter(change.fact["question"] for change in follower.seen.values() if change.type == "QuestionAnswered")
    assert {question: times[question] for question in writers.answered} == dict.fromkeys(writers.answered, 1)
    asked = asyncio.run(places_of_questions(up))
    for question in writers.asked:
        assert len(asked[question]) == 1, f"{question} was taken {len(asked[question])} times"
        assert follower.seen[asked[question][0]].hidden, "what is never shown was shown"
        assert asked[question][0] < told[question], "an answer came before its question"
    late = [follower.at[told[question]] - at for question, at in writers.answered.items()]
    return (
        f"{type(follower).__name__}: {follower.newest + 1} entries, none missing; {len(writers.answered)} answers and "
        f"{len(writers.asked)} questions, each once; {follower.again} told again, {follower.begun} times begun; told "
        f"{statistics.median(late):.2f} s after the writer (median), {max(late):.1f} s at most"
    )


async def places_of_questions(up: Up) -> dict[str, list[int]]:
    """Where the log holds each question, which only the operator can see."""
    connection = await asyncpg.connect(superuser(up).url("postgres").replace("+asyncpg", ""))
    places: dict[str, list[int]] = {}
    for index, body in await connection.fetch(ASKED):
        places.setdefault(msgspec.json.decode(body, type=Record).fact["question"], []).append(index)
    await connection.close()
    return places
