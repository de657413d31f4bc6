"""Names of countries, from Unicode's tables (CLDR)."""

import re

from babel import Locale

CODE = re.compile(r"[A-Z]{2}")
PRIVATE = re.compile(r"AA|Q[M-Z]|X[A-JL-Z]|ZZ")  # ISO 3166 names no country by them; XK is used for Kosovo everywhere


def name(code: str, own: str, locale: str = "en") -> str:
    """What the country of an ISO 3166 code is called. A code that ISO leaves to its users is that of the country whose
    service this is: `own`, by its name. What is no code is told as it is."""
    if not CODE.fullmatch(code):
        return code
    return (own if PRIVATE.fullmatch(code) else Locale.parse(locale).territories.get(code)) or code
