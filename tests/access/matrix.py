"""The access matrix: who gets in where, on objects that exist.

`access.csv` has a row for every route. Each column is somebody; each cell says what the door answers them:

- `in`      let in, to whatever the service then says (a page, a 422 for a bad form, a 409 of a later rule)
- `sign-in` has to sign in first (a redirect to /sign-in, or 401 for a program)
- `no`      refused, 403
- `hidden`  404: for them there is nothing here

`address` fills the route's parameters with objects by name ({evaluating} is a tender in evaluation); officer, approver
and evaluator are those of that tender's buyer. `form` is what is sent: JSON text, as a form to pages.
"""

import csv
from pathlib import Path
from typing import NamedTuple

import httpx

FILE = Path(__file__).with_name("access.csv")
FIELDS = ("method", "route", "address", "form")
COLUMNS = (
    "nobody", "officer", "approver", "evaluator", "other_officer",
    "bidder", "other_supplier", "auditor", "administrator", "treasurer", "holder",
)  # fmt: skip


class Row(NamedTuple):
    method: str
    route: str
    address: str
    form: str
    cells: dict[str, str]


def rows() -> list[Row]:
    with FILE.open(newline="") as file:
        return [
            Row(*(line[name] for name in FIELDS), {name: line[name] for name in COLUMNS})
            for line in csv.DictReader(file)
        ]


def answer_of(response: httpx.Response) -> str:
    """A response as a cell of the matrix."""
    if response.status_code == 401 or "/sign-in?" in response.headers.get("location", ""):
        return "sign-in"
    return {403: "no", 404: "hidden"}.get(response.status_code, "in")
