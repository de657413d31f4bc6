"""`/problems/<code>`: what a refusal means and what to do now, for whoever follows the `type` of a problem (RFC 9457).

The codes come from the same reading of the source as the table of docs/api.md (`make codes`).
"""

from functools import cache
from pathlib import Path

import msgspec
from litestar import Controller, get
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Template

from procurement.infra.tx import Tx
from procurement.infra.web.door import access
from procurement.infra.web.pages import page
from procurement.kernel.refusal import unknown


class Code(msgspec.Struct, frozen=True):
    """A code with the statuses it comes with, the parts of the program that refuse with it, and in which words."""

    statuses: tuple[int, ...]
    parts: tuple[str, ...]
    words: tuple[str, ...]


@cache
def codes() -> dict[str, Code]:
    written = Path(__file__).with_name("problem_codes.json").read_bytes()
    return msgspec.json.decode(written, type=dict[str, Code])


class ProblemPages(Controller):
    path = "/problems"
    include_in_schema = False

    @get("/", opt=access("public"))
    async def every(self, tx: NamedDependency[Tx]) -> Template:
        return page("problems/every.html", codes=codes())

    @get("/{code:str}", opt=access("public"))
    async def one(self, tx: NamedDependency[Tx], code: FromPath[str]) -> Template:
        if code not in codes():
            raise unknown("page")
        return page("problems/one.html", code=code, meant=codes()[code])
