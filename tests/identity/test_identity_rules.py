"""Passwords, one-time codes, sessions' lifetimes and the last owner: the rules alone."""

from datetime import UTC, datetime, timedelta

import pyotp
import pytest

from procurement.identity.rules import codes, membership, passwords, proofs
from procurement.identity.rules.browsers import browser_name
from procurement.kernel.permissions import Role
from procurement.kernel.refusal import Refused

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    "password",
    [
        "short", "elevenchars", "aaaaaaaaaaaa", "abcabcabcabc", "123456789012", "abcdefghijklmnop",
        "qwertyuiop1234", "Password1234!", "P4ssw0rd!!!!", "welcome2026!!", "AdminAdmin123", "Summer-2026-!",
        "procurement1", "iloveyou!!!!!!", "x" * 201,
        "qwerty7654321", "mailcreated5240", "Godisgood-2026",  # as breaches show them
    ],
)  # fmt: skip
def test_a_password_that_guessing_starts_with_is_refused(password: str) -> None:
    with pytest.raises(Refused) as no:
        passwords.check(password)
    assert (no.value.code, list(no.value.fields)) == ("form-invalid", ["password"])


@pytest.mark.parametrize(
    "password",
    [
        "quiet lamp over gravel",
        "Tk9#fPq!2vLm",
        "harbour-of-seven-kites",
        "пароль из четырёх слов",
        "mein gelber Kran 48",
    ],
)
def test_a_long_password_of_any_kind_is_fine(password: str) -> None:
    assert passwords.weakness(password, "ines.duarte@harbour.example") == ""


@pytest.mark.parametrize("password", ["duarte-lamp-gravel", "ines likes gravel", "paving and gravel 9"])
def test_a_password_about_its_owner_is_refused(password: str) -> None:
    assert "your own name" in passwords.weakness(password, "ines.duarte@harbour.example", ("Harbour Paving",))


def test_a_code_is_good_once_and_one_step_either_way() -> None:
    secret = codes.new_secret()
    now = int(NOON.timestamp()) // 30
    shown = pyotp.TOTP(secret).at(NOON)
    assert codes.matching_step(secret, shown[:3] + " " + shown[3:], NOON, after=0) == now
    assert codes.matching_step(secret, shown, NOON, after=now) is None
    assert codes.matching_step(secret, shown, NOON + timedelta(seconds=30), after=0) == now
    assert codes.matching_step(secret, shown, NOON + timedelta(seconds=60), after=0) is None


def test_recovery_codes_differ_and_forgive_how_they_are_typed() -> None:
    made = {codes.new_recovery_code() for _ in range(100)}
    assert len(made) == 100
    assert codes.plain(" 4F7K-9mzp 2345-WXYZ ") == "4f7k9mzp2345wxyz"


@pytest.mark.parametrize(
    "idle, age, alive",
    [
        (timedelta(minutes=29, seconds=59), timedelta(hours=1), True),
        (timedelta(minutes=30), timedelta(hours=1), False),
        (timedelta(0), timedelta(hours=11, minutes=59), True),
        (timedelta(0), timedelta(hours=12), False),
    ],
)
def test_a_session_ends_when_idle_and_when_old(idle: timedelta, age: timedelta, alive: bool) -> None:
    began = NOON - age
    assert proofs.is_alive(last_seen_at=NOON - idle, expires_at=began + proofs.ABSOLUTE, now=NOON) is alive


@pytest.mark.parametrize("days, fine", [(0, False), (1, True), (365, True), (366, False)])
def test_an_api_token_lives_a_day_to_a_year(days: int, fine: bool) -> None:
    if fine:
        assert proofs.token_expiry(days, NOON) == NOON + timedelta(days=days)
        return
    with pytest.raises(Refused, match="token"):
        proofs.token_expiry(days, NOON)


def member(person: str, *roles: Role) -> membership.Member:
    return membership.Member(person, person, f"{person}@harbour.example", roles, NOON)


def test_the_last_owner_cannot_leave_or_step_down() -> None:
    people = [member("ines", Role.OWNER, Role.SIGNATORY), member("tom", Role.MEMBER)]
    with pytest.raises(Refused) as no:
        membership.must_leave_an_owner(people, "ines", roles_after=[Role.SIGNATORY])
    assert no.value.code == "last-owner"
    membership.must_leave_an_owner(people, "tom")
    membership.must_leave_an_owner(people, "ines", roles_after=[Role.OWNER])
    membership.must_leave_an_owner([*people, member("ana", Role.OWNER)], "ines")


@pytest.mark.parametrize("kind, role", [("supplier", Role.OFFICER), ("buyer", Role.SIGNATORY), ("buyer", Role.AUDITOR)])
def test_a_role_of_another_kind_of_organisation_is_refused(kind: str, role: Role) -> None:
    with pytest.raises(Refused, match="role"):
        membership.must_fit(kind, [role])


@pytest.mark.parametrize(
    "sent, name",
    [
        ("Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0", "Firefox, Linux"),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/141 Safari/537.36 Edg/141", "Edge, Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Version/19 Safari/604.1", "Safari, iPhone"),
        ("curl/8.9", "curl/8.9"),
        ("", ""),
    ],
)
def test_a_browser_is_named_so_that_its_owner_knows_it(sent: str, name: str) -> None:
    assert browser_name(sent) == name
