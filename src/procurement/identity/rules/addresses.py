"""E-mail addresses and what people type about themselves and their organisation."""

import re
from collections.abc import Callable

from procurement.kernel.refusal import Refused, invalid

_EMAIL = re.compile(r"[^\s@<>,;:\"()\[\]\\]{1,64}@[^\s@<>,;:\"()\[\]\\]+\.[^\s@<>,;:\"()\[\]\\.]{2,}")
_SCHEME = re.compile(r"[A-Z]{2,3}(-[A-Z0-9]+)*")  # org-id.guide, as OCDS asks
LONGEST = 200


def email(typed: str, field: str = "email") -> str:
    """The address as it is stored and compared: lower-case. Refused("form-invalid") when it cannot be one."""
    address = typed.strip().lower()
    if len(address) > 254 or not _EMAIL.fullmatch(address):
        raise invalid("Check the e-mail address.", **{field: "Enter an address like name@example.org."})
    return address


def name(typed: str, field: str = "name") -> str:
    """A name on one line. Refused("form-invalid") when it is empty, too long or has control characters."""
    text = " ".join(typed.split())
    if not text or len(text) > LONGEST or not text.isprintable():
        raise invalid("Check the name.", **{field: f"Enter a name of 1 to {LONGEST} characters."})
    return text


def identifier(scheme: str, number: str) -> tuple[str, str]:
    """Scheme and number of an organisation in its register; both or neither. Refused("form-invalid")."""
    scheme, number = scheme.strip().upper(), " ".join(number.split())
    if bool(scheme) != bool(number):
        raise invalid("Check the register number.", identifier="Give the register and the number, or neither.")
    if scheme and not _SCHEME.fullmatch(scheme):
        raise invalid("Check the register.", identifier_scheme="Enter the code of the register, like XM-REG.")
    if len(number) > 60 or not number.isprintable():
        raise invalid("Check the register number.", identifier="Enter the number as the register writes it.")
    return scheme, number


def country(typed: str) -> str:
    """ISO 3166-1 alpha-2, in capitals. Refused("form-invalid") when it is not two letters."""
    code = typed.strip().upper()
    if not re.fullmatch("[A-Z]{2}", code):
        raise invalid("Check the country.", country="Choose the country, or enter its two letters.")
    return code


def next_page(asked: str) -> str:
    """The page to go to after signing in: one of ours, or "" when `asked` leads anywhere else."""
    ours = asked.startswith("/") and not asked.startswith(("//", "/\\")) and asked.isprintable() and "\\" not in asked
    return asked if ours else ""


def all_at_once(*checks: Callable[[], object]) -> None:
    """Run every check; one Refused("form-invalid") names the bad fields of all, so that nobody meets them singly."""
    wrong: dict[str, str] = {}
    for check in checks:
        try:
            check()
        except Refused as no:
            wrong |= no.fields
    if wrong:
        raise invalid("Some answers need another look.", **wrong)
