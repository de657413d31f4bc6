"""Names of countries, from Unicode's tables (CLDR)."""

import re
from functools import cache
from unicodedata import normalize

from babel import Locale

from procurement.settings import Settings

CODE = re.compile(r"[A-Z]{2}")
PRIVATE = re.compile(r"AA|Q[M-Z]|X[A-JL-Z]|ZZ")  # ISO 3166 names no country by them; XK is used for Kosovo everywhere

NO_COUNTRIES = {"AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "TA", "UN"}  # reserved, but no countries of ISO 3166
PRACTICE = "XM"  # of a practice republic: X codes are for private use


def name(code: str, own: str, locale: str = "en") -> str:
    """What the country of an ISO 3166 code is called. A code that ISO leaves to its users is that of the country whose
    service this is: `own`, by its name. What is no code is told as it is."""
    if not CODE.fullmatch(code):
        return code
    return (own if PRIVATE.fullmatch(code) else Locale.parse(locale).territories.get(code)) or code


@cache
def choices(locale: str = "en", practice: str = "") -> list[tuple[str, str]]:
    """(code, name) of every country, by name, for a list to choose from. `practice` names a republic that is none of
    them, and comes first."""
    every = Locale.parse(locale).territories.items()
    countries = [one for one in every if CODE.fullmatch(one[0]) and not PRIVATE.fullmatch(one[0])]
    listed = [one for one in countries if one[0] not in NO_COUNTRIES]
    first = [(PRACTICE, practice)] if practice else []
    return first + sorted(listed, key=lambda one: normalize("NFKD", one[1]).casefold())


@cache
def called_here(code: str) -> str:
    """The same for documents and data, which do not follow a reader's language: in English, by the settings with which
    this process began."""
    return name(code, Settings.read().country_name)
