"""A sandbox's clock moves by the ledger key's word, forward only. In production there is no such request."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from keyholding import OPENING, OPENS_AT, ORIGIN, Ledger, Office

from procurement.kernel.refusal import Refused
from procurement.keyholder import protocol as say
from procurement.keyholder import rules, totp
from procurement.keyholder.store import Store, WrongStore

DAY = timedelta(days=1)


@pytest.fixture
def practice(tmp_path: Path) -> Iterator[Office]:
    office = Office(tmp_path / "practice", sandbox=True)
    office.keyholder.installed.pin(str(office.ledger.key.verifier), ORIGIN)
    yield office
    office.store.close()


def note(ledger: Ledger, offset: timedelta, origin: str = ORIGIN) -> str:
    return ledger.key.sign(rules.clock_statement(origin, offset))


def refusal(office: Office, text: str) -> str:
    with pytest.raises(Refused) as no:
        office.keyholder.answer(say.Clock(note=text))
    return no.value.code


def test_the_first_word_may_set_the_clock_back_and_then_it_only_moves_forward(practice: Office) -> None:
    practice.keyholder.installed.move_clock(note(practice.ledger, -30 * DAY))
    assert practice.keyholder.installed.legal() == practice.clock() - 30 * DAY
    practice.keyholder.installed.move_clock(note(practice.ledger, -DAY))
    assert refusal(practice, note(practice.ledger, -2 * DAY)) == "clock-backwards"


def test_moving_the_clock_brings_the_opening_time(practice: Office) -> None:
    practice.enrol("marsh")
    practice.keyholder.identity(OPENING, OPENS_AT)
    with pytest.raises(Refused, match="releases nothing before"):
        practice.wants("marsh", "ab" * 32)
    practice.keyholder.installed.move_clock(note(practice.ledger, 11 * DAY))
    assert practice.wants("marsh", "ab" * 32).persons == ("marsh",)


def test_practice_codes_are_made_at_legal_time_too(practice: Office) -> None:
    practice.enrol("marsh")
    practice.keyholder.identity(OPENING, OPENS_AT)
    practice.keyholder.installed.move_clock(note(practice.ledger, 11 * DAY))
    legal = totp.step_at(practice.keyholder.installed.legal().timestamp())
    code = totp.code_at(practice.secrets["marsh"], legal)
    assert practice.wants("marsh", "ab" * 32, code).persons == ("marsh",)
    with pytest.raises(Refused, match="already used"):
        practice.wants("marsh", "cd" * 32, code)


def test_a_stranger_a_checkpoint_or_another_logs_word_moves_no_clock(practice: Office) -> None:
    stranger = Ledger(b"x" * 32)
    checkpoint = practice.ledger.evidence(b"{}").checkpoint
    assert refusal(practice, note(stranger, DAY)) == "clock-unsigned"
    assert refusal(practice, checkpoint) == "clock-unsigned"
    assert refusal(practice, note(practice.ledger, DAY, "elsewhere.example/record")) == "clock-unsigned"


def test_in_production_there_is_no_such_request(office: Office) -> None:
    assert refusal(office, note(office.ledger, DAY)) == "request-malformed"
    assert office.keyholder.installed.legal() == office.clock()


def test_in_production_codes_follow_the_real_clock_alone(office: Office) -> None:
    clocks = office.keyholder.answer(say.Time())
    key = str(office.keyholder.signing.key.verifier)
    assert clocks == say.Clocks(real=office.clock(), legal=office.clock(), sandbox=False, key=key)


def test_a_store_stays_what_it_was_made_for(tmp_path: Path) -> None:
    Store(tmp_path / "one", sandbox=True).close()
    with pytest.raises(WrongStore, match="for ever"):
        Store(tmp_path / "one", sandbox=False)
