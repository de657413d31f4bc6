"""Names of countries, from Unicode's tables (CLDR)."""

import re
from functools import cache

from babel import Locale

from procurement.settings import Settings

CODE = re.compile(r"[A-Z]{2}")
PRIVATE = re.compile(r"AA|Q[M-Z]|X[A-JL-Z]|ZZ")  # ISO 3166 names no country by them; XK is used for Kosovo everywhere


def name(code: str, own: str, locale: str = "en") -> str:
    """What the country of an ISO 3166 code is called. A code that ISO leaves to its users is that of the country whose
    service this is: `own`, by its name. What is no code is told as it is."""
    if not CODE.fullmatch(code):
        return code
    return (own if PRIVATE.fullmatch(code) else Locale.parse(locale).territories.get(code)) or code


@cache
def called_here(code: str) -> str:
    """The same for documents and data, which do not follow a reader's language: in English, by the settings with which
    this process began."""
    return name(code, Settings.read().country_name)
