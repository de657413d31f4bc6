"""Digests by the clock on the wall, warnings in time, searches that a fact enters, and mail that comes back."""

import email
import email.policy
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from zoneinfo import ZoneInfo

import pytest

from procurement.kernel.merkle import EMPTY
from procurement.notices.rules.bounces import Failure, failures
from procurement.notices.rules.digest import latest_due, warning_due
from procurement.notices.rules.following import What, enters
from procurement.notices.rules.inbox import Delivered, root_of

PARIS = ZoneInfo("Europe/Paris")
DSN = """\
From: MAILER-DAEMON@mx.example
To: {to}
Subject: Undelivered
Content-Type: multipart/report; report-type=delivery-status; boundary="b"
MIME-Version: 1.0

--b
Content-Type: text/plain

It did not arrive.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example

Final-Recipient: rfc822; Ana@Marrow.Example
Action: {action}
Status: {status}

--b
Content-Type: text/rfc822-headers

From: procurement@procurement.example
Message-ID: <letter2@procurement.example>

--b--
"""


def returned(
    to: str = "bounce-letter1@procurement.example", action: str = "failed", status: str = "5.1.1"
) -> EmailMessage:
    text = DSN.format(to=to, action=action, status=status)
    message = email.message_from_string(text, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    return message


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[arg-type]  # year, month, day and so on


def test_a_digest_goes_out_at_the_hour_of_the_wall_clock_in_winter_and_in_summer() -> None:
    assert latest_due(utc(2026, 1, 15, 12), "daily", 7, PARIS) == utc(2026, 1, 15, 6)
    assert latest_due(utc(2026, 7, 15, 12), "daily", 7, PARIS) == utc(2026, 7, 15, 5)
    assert latest_due(utc(2026, 7, 15, 4, 59), "daily", 7, PARIS) == utc(2026, 7, 14, 5)


def test_no_day_loses_its_digest_when_the_clock_changes() -> None:
    moments = {latest_due(utc(2026, 3, 27) + timedelta(hours=n), "daily", 2, PARIS) for n in range(24, 24 * 5)}
    assert len(moments) == 5  # 29 March has no 02:00 in Paris
    assert utc(2026, 3, 29, 1) in moments
    autumn = {latest_due(utc(2026, 10, 23) + timedelta(minutes=10 * n), "daily", 2, PARIS) for n in range(144, 144 * 5)}
    assert len(autumn) == 4 and utc(2026, 10, 25, 0) in autumn  # it shows 02:00 twice: the first counts


def test_the_weekly_digest_goes_out_on_mondays() -> None:
    assert latest_due(utc(2026, 11, 22, 12), "weekly", 7, PARIS) == utc(2026, 11, 16, 6)
    assert latest_due(utc(2026, 11, 23, 6), "weekly", 7, PARIS) == utc(2026, 11, 23, 6)
    assert latest_due(utc(2026, 11, 23, 5, 59), "weekly", 7, PARIS) == utc(2026, 11, 16, 6)


@pytest.mark.parametrize(("left", "warned"), [(73, None), (72, 72), (6.5, 72), (6, 6), (0.1, 6), (0, None), (-1, None)])
def test_a_warning_comes_once_for_each_hour_that_is_set(left: float, warned: int | None) -> None:
    now = utc(2026, 11, 22, 12)
    assert warning_due(now, now + timedelta(hours=left), (72, 6)) == warned


def test_a_search_hears_of_what_comes_into_it() -> None:
    assert enters(("open",), What.PUBLISHED) and not enters(("open",), What.AWARDED)
    assert enters(("awarded",), What.AWARDED) and enters(("cancelled", "unsuccessful"), What.CANCELLED)
    assert enters((), What.PUBLISHED) and not enters((), What.AWARDED)
    assert not enters(("open",), What.ANSWERED)


def test_a_returned_letter_is_known_by_the_address_it_returned_to() -> None:
    assert failures(returned()) == [Failure("letter1", "5.1.1", "ana@marrow.example")]


def test_or_by_its_own_head() -> None:
    assert failures(returned(to="postmaster@procurement.example")) == [
        Failure("letter2", "5.1.1", "ana@marrow.example")
    ]


@pytest.mark.parametrize(("action", "status"), [("delayed", "4.2.2"), ("failed", "4.4.1"), ("delivered", "2.0.0")])
def test_a_delay_is_no_failure(action: str, status: str) -> None:
    assert failures(returned(action=action, status=status)) == []


def test_other_mail_is_no_report() -> None:
    message = EmailMessage()
    message["To"] = "bounce-letter1@procurement.example"
    message.set_content("I am on holiday.")
    assert failures(message) == []


def test_a_delivery_commits_to_every_message_in_whatever_order_they_were_made() -> None:
    leaves = [Delivered("a", "org1", "00"), Delivered("b", "org2", "11")]
    assert root_of(leaves) == root_of(reversed(leaves)) != root_of(leaves[:1])
    assert root_of([]) == EMPTY.hex()
