"""What seeded procurements are put together from, as `fixtures/seed.toml` writes it."""

import tomllib
from typing import Literal

import msgspec

from procurement.settings import asset


class Subject(msgspec.Struct, frozen=True):
    """Something that is bought again and again. `price` of one unit in whole units of currency, and `quantity`: from
    the least to the most."""

    kind: Literal["goods", "works", "services"]
    titles: list[str]
    cpv: str
    cpv_title: str
    unit: str
    price: tuple[int, int]
    quantity: tuple[int, int]


class Words(msgspec.Struct, frozen=True):
    source: str
    prefix: str
    country: str
    currency: str
    language: str
    places: list[str]
    buyers: list[str]
    first: list[str]
    second: list[str]
    subjects: list[Subject]
    fillings: dict[str, list[str]]


def words() -> Words:
    return msgspec.convert(tomllib.loads((asset("fixtures") / "seed.toml").read_text()), Words)
