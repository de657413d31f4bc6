"""Forms that several people may send: one that was opened before a colleague's change does not silently undo it.

A page puts the version of what it shows into a hidden field; whoever handles the form holds the lock of its writers and
compares. Programs do the same with `If-Match` (see versions.py), by the same digest.
"""

from procurement.infra.web.door import AnyRequest
from procurement.infra.web.fields import fields
from procurement.infra.web.versions import tag
from procurement.kernel.refusal import Refused

FIELD = "_version"


def version(shown: object) -> str:
    """What the hidden field carries for what a form shows."""
    return tag(shown).strip('"')


async def must_be_as_read(request: AnyRequest, stands: object) -> None:
    """Refused("changed-meanwhile") when something else stands now than the form was opened with.

    A form without the field shows nothing that it could undo.
    """
    if await sent_version(request) not in ("", version(stands)):
        raise Refused(
            "changed-meanwhile",
            "A colleague changed this after you opened the page. Nothing of yours was saved; it is still here.",
        )


async def sent_version(request: AnyRequest) -> str:
    return (await fields(request)).get(FIELD, [""])[0]
