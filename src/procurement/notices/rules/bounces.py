"""Reading a returned letter: what failed for good, and which letter of ours it was. Pure."""

import re
from collections.abc import Iterator
from email.message import Message

import msgspec

OURS = re.compile(r"bounce-([a-z0-9]+)@", re.ASCII)
FOR_GOOD = re.compile(r"5\.\d{1,3}\.\d{1,3}", re.ASCII)  # RFC 3463


class Failure(msgspec.Struct, frozen=True):
    """`letter` is the id of ours that came back, `status` its enhanced status code (RFC 3463), `address` the final
    recipient in lower case, "" where the report names none."""

    letter: str
    status: str
    address: str


def failures(returned: Message) -> list[Failure]:
    """What a multipart/report (RFC 3464) says has failed for good; nothing for delays, successes and other mail."""
    if returned.get_content_type() != "multipart/report":
        return []
    letter = _letter(returned)
    return [
        Failure(letter, status[0], _address(_said(fields, "Final-Recipient")))
        for fields in _recipients(returned)
        if _said(fields, "Action").lower() == "failed"
        and (status := FOR_GOOD.match(_said(fields, "Status")))
        and letter
    ]


def _recipients(returned: Message) -> Iterator[Message]:
    """The groups of fields about one recipient each: all but the first, which is about the whole letter."""
    for part in returned.walk():
        if part.get_content_type() == "message/delivery-status":
            groups = part.get_payload()
            if isinstance(groups, list):
                yield from (group for group in groups[1:] if isinstance(group, Message))


def _letter(returned: Message) -> str:
    """Reports return to an address made of the letter's id; where that was lost the letter's own head still has it."""
    for name in ("To", "X-Original-To", "Delivered-To"):
        if found := OURS.search(str(returned.get(name, "")).lower()):
            return found[1]
    for part in returned.walk():
        if part.get_content_type() == "text/rfc822-headers":
            head = part.get_payload(decode=True)
            text = head.decode("ascii", "replace") if isinstance(head, bytes) else ""
        else:
            text = f"Message-ID: {part['Message-ID']}" if part is not returned and part["Message-ID"] else ""
        if found := re.search(r"^Message-ID:\s*<([a-z0-9]+)@", text, re.IGNORECASE | re.MULTILINE | re.ASCII):
            return found[1]
    return ""


def _said(fields: Message, name: str) -> str:
    """A field, "" without it; one with bytes beyond ASCII is no text by itself."""
    return str(fields.get(name, "")).strip()


def _address(field: str) -> str:
    """`rfc822; ana@example.org` without its type."""
    return field.partition(";")[2].strip().strip("<>").lower()
