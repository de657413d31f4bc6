"""What a supplier's profile is, and which answers it takes. Nothing here is verified: evidence is asked of a winner."""

import re
from collections.abc import Callable

import msgspec

from procurement.identity.rules import addresses
from procurement.kernel.fact import Fact
from procurement.kernel.refusal import Refused, invalid

LONGEST = 200
MOST_CATEGORIES = 50
_WEB = re.compile(r"https?://[^\s/?#@]+\.[^\s/?#@]{2,}(/\S*)?")
_CATEGORY = re.compile(r"\d{8}")  # the Common Procurement Vocabulary, without its check digit


class Details(msgspec.Struct, frozen=True):
    """What the supplier itself may change. `small`: fewer than 250 people, as its own country counts."""

    street: str = ""
    locality: str = ""
    region: str = ""
    postal_code: str = ""
    website: str = ""
    contact_email: str = ""
    small: bool = False
    categories: tuple[str, ...] = ()


class Profile(msgspec.Struct, frozen=True):
    """A supplier as OCDS `parties` describe one. Name, register number and country come from its registration."""

    organisation: str
    legal_name: str
    identifier_scheme: str
    identifier: str
    country: str
    details: Details


class SupplierRegistered(Fact, frozen=True, kw_only=True):
    """A supplier described itself for the first time."""

    organisation: str
    small: bool
    categories: list[str]


class SupplierProfileChanged(Fact, frozen=True, kw_only=True):
    """Which answers changed, by name; an address may be a person's own, so the answers stay in the table."""

    organisation: str
    changed: list[str]


def describe(
    organisation: str, before: Details | None, typed: Details
) -> tuple[Details, SupplierRegistered | SupplierProfileChanged | None]:
    """The profile as stored, and what is recorded: nothing when nothing changed.

    Refused("form-invalid") names every bad field at once.
    """
    after = _checked(typed)
    if before is None:
        return after, SupplierRegistered(
            organisation=organisation, small=after.small, categories=list(after.categories)
        )
    names = [name for name in Details.__struct_fields__ if getattr(before, name) != getattr(after, name)]
    return after, SupplierProfileChanged(organisation=organisation, changed=names) if names else None


def _checked(typed: Details) -> Details:
    wrong: dict[str, str] = {}

    def read(check: Callable[[], str]) -> str:
        try:
            return check()
        except Refused as no:
            wrong.update(no.fields)
            return ""

    plain = {
        name: read(lambda name=name: _line(name, getattr(typed, name)))  # type: ignore[misc]  # bound in the loop
        for name in ("street", "locality", "region", "postal_code")
    }
    details = Details(
        **plain,
        website=read(lambda: _website(typed.website)),
        contact_email=read(
            lambda: addresses.email(typed.contact_email, "contact_email") if typed.contact_email else ""
        ),
        small=typed.small,
        categories=tuple(read(lambda: _categories(typed.categories)).split()),
    )
    if wrong:
        raise invalid("Some answers need another look.", **wrong)
    return details


def _line(field: str, typed: str) -> str:
    text = " ".join(typed.split())
    if len(text) > LONGEST or not (text.isprintable() or not text):
        raise invalid("Too long.", **{field: f"Write at most {LONGEST} characters."})
    return text


def _website(typed: str) -> str:
    address = typed if "://" in typed or not typed else f"https://{typed}"
    if address and (len(address) > LONGEST or not _WEB.fullmatch(address)):
        raise invalid("Check the website.", website="Enter an address like https://example.org.")
    return address


def _categories(typed: tuple[str, ...]) -> str:
    codes = sorted({code.partition("-")[0] for code in typed})
    if len(codes) > MOST_CATEGORIES or not all(_CATEGORY.fullmatch(code) for code in codes):
        raise invalid("Check the categories.", categories="Enter codes of eight figures, like 45233140.")
    return " ".join(codes)
