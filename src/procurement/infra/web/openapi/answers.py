"""Which refusals an operation can give: from how its route is declared, and from the codes of the stage behind it."""

from typing import Self

import msgspec
from litestar.handlers import HTTPRouteHandler

from procurement.infra.web import csrf, rehearsal
from procurement.infra.web.problem_pages import codes

SHARED = {"kernel", "infra"}  # any request may be refused by these, with one of these statuses
OF_ANY = {400, 401, 403, 412, 428, 429, 503}
OF_FORMS = {"foreign-origin", "form-malformed", "form-token"}  # pages know these alone

MEANING = {
    400: "The request could not be read.",
    401: "A token is needed, or this one does not work.",
    403: "You may not do this, or have to confirm first that it is you.",
    404: "There is no such thing, or you may not know of it.",
    408: "The body did not arrive in time.",
    409: "It is in another state than this step needs.",
    412: "It was changed since the version in If-Match.",
    413: "It is larger than is taken.",
    422: "Some fields are wrong; all of them are named.",
    428: "If-Match is needed here.",
    429: "Too much was asked in this minute.",
    503: "A part of the service does not answer, or takes no changes now.",
}
ALWAYS = (401, 429, 503)


class Operation(msgspec.Struct, frozen=True):
    """One method on one path, as far as its answers depend on it. `stage` is the part of the program it belongs to."""

    path: str
    method: str
    stage: str
    access: str
    changes: str  # the address of the resource whose version If-Match names, "" for none
    must_be_known: bool
    key: str  # "", "own" or "needed"
    rehearsed: bool
    takes_body: bool
    takes_file: bool
    reads: bool
    answers: tuple[int, ...]

    @classmethod
    def of(cls, path: str, method: str, handler: HTTPRouteHandler) -> Self:
        opt = handler.opt
        names = handler.parsed_fn_signature.parameters
        resource = opt.get("changes")
        return cls(
            path=path,
            method=method,
            stage=handler.fn.__module__.split(".")[1],
            access=str(opt.get("access")),
            changes=resource.address if resource else "",
            must_be_known=bool(opt.get("must_be_known")),
            key=str(opt.get("idempotency", "")),
            rehearsed=rehearsal.possible(opt),
            takes_body="data" in names,
            takes_file="limit" in opt,
            reads=bool(opt.get("reads")),
            answers=tuple(opt.get("answers", ())),
        )

    @property
    def unsafe(self) -> bool:
        return self.method.upper() not in csrf.SAFE

    @property
    def api(self) -> bool:
        return self.path.startswith("/api/")

    @property
    def has_version(self) -> bool:
        return self.api and self.method == "get"


def refusals(operation: Operation) -> dict[int, tuple[str, ...]]:
    """Status -> the codes that may come with it, by status."""
    return {status: _codes(operation, status) for status in sorted(_statuses(operation))}


def _statuses(operation: Operation) -> set[int]:
    found = {400, *ALWAYS, *operation.answers} if operation.api else {400, 503}
    if operation.access != "public" or (operation.unsafe and not operation.reads):
        found.add(403)
    if "{" in operation.path:
        found.add(404)
    if operation.takes_body or operation.takes_file:
        found |= {408, 413}
    if operation.unsafe:
        found |= {404, 409, 412, 422}
    elif operation.access != "public":
        found |= {404, 409}
    if operation.must_be_known:
        found.add(428)
    return found


def _codes(operation: Operation, status: int) -> tuple[str, ...]:
    """Those of the stage itself, and those that any request may meet."""
    known = {name: code for name, code in codes().items() if status in code.statuses and name not in OF_FORMS}
    own = {name for name, code in known.items() if operation.stage in code.parts}
    shared = {name for name, code in known.items() if SHARED & set(code.parts)}
    return tuple(sorted(own | shared if status in OF_ANY or not own else own))
