"""Key codes: enrolled once, right only for their half minute, used once, bound to one closing, not to be guessed."""

from datetime import timedelta

import pytest
from keyholding import OPENING, OPENS_AT, Office

from procurement.kernel.refusal import Refused
from procurement.keyholder import totp

LEAF, OTHER = "ab" * 32, "cd" * 32


@pytest.fixture
def opened(office: Office) -> Office:
    office.keyholder.identity(OPENING, OPENS_AT)
    office.clock.at = OPENS_AT
    return office


def refusal(office: Office, person: str, leaf: str = LEAF, code: str = "") -> str:
    with pytest.raises(Refused) as no:
        office.wants(person, leaf, code)
    return no.value.code


def test_a_code_of_the_neighbouring_half_minute_counts(opened: Office) -> None:
    for drift in (-1, 0, 1):
        assert opened.wants("marsh", LEAF, opened.code("marsh", drift)).persons == ("marsh",)


def test_a_code_two_steps_away_does_not(opened: Office) -> None:
    assert refusal(opened, "marsh", code=opened.code("marsh", -2)) == "code-wrong"
    assert refusal(opened, "marsh", code=opened.code("marsh", 2)) == "code-wrong"


def test_anothers_code_does_not_count(opened: Office) -> None:
    assert refusal(opened, "marsh", code=opened.code("okafor")) == "code-wrong"


def test_a_code_serves_one_closing_only(opened: Office) -> None:
    opened.wants("marsh", LEAF)
    assert opened.wants("marsh", LEAF).persons == ("marsh",)
    assert refusal(opened, "marsh", OTHER) == "code-used"


def test_the_code_that_confirmed_enrolment_opens_nothing(opened: Office) -> None:
    opened.secrets["adler"] = opened.keyholder.persons.enrol("adler").secret
    opened.keyholder.persons.confirm("adler", opened.code("adler"))
    assert refusal(opened, "adler") == "code-used"


def test_a_stranger_has_no_say(opened: Office) -> None:
    assert refusal(opened, "nobody", code="123456") == "not-enrolled"


def test_an_unconfirmed_secret_has_no_say_and_is_replaced(opened: Office) -> None:
    first = opened.keyholder.persons.enrol("adler").secret
    opened.secrets["adler"] = opened.keyholder.persons.enrol("adler").secret
    assert opened.secrets["adler"] != first
    assert refusal(opened, "adler") == "not-enrolled"


def test_a_confirmed_person_is_not_enrolled_again_until_reset_at_the_terminal(opened: Office) -> None:
    with pytest.raises(Refused) as no:
        opened.keyholder.persons.enrol("marsh")
    assert no.value.code == "already-enrolled"
    opened.keyholder.persons.reset("marsh")
    assert opened.keyholder.persons.enrol("marsh").state == "waiting"


def test_a_reset_does_not_make_a_used_half_minute_new(opened: Office) -> None:
    opened.wants("marsh", LEAF)
    opened.keyholder.persons.reset("marsh")
    opened.secrets["marsh"] = opened.keyholder.persons.enrol("marsh").secret
    with pytest.raises(Refused, match="already used"):
        opened.keyholder.persons.confirm("marsh", opened.code("marsh"))


def test_after_five_wrong_codes_even_the_right_one_waits_five_minutes(opened: Office) -> None:
    wrong = f"{(int(opened.code('marsh')) + 1) % 10**6:06}"
    for _ in range(5):
        assert refusal(opened, "marsh", code=wrong) == "code-wrong"
    assert refusal(opened, "marsh") == "too-many"
    assert opened.wants("okafor", LEAF).persons == ("okafor",)
    opened.clock.at += timedelta(minutes=5)
    assert opened.wants("marsh", LEAF).persons == ("marsh", "okafor")


def test_codes_are_those_of_rfc_6238() -> None:
    secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"  # "12345678901234567890", appendix B
    times = {59: "287082", 1111111109: "081804", 1234567890: "005924", 20000000000: "353130"}
    assert {at: totp.code_at(secret, totp.step_at(at)) for at in times} == times
