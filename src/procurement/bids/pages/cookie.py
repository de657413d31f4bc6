"""The draft key in the browser: a cookie that only the pages of one bid are sent, and no script can read."""

from litestar.datastructures import Cookie

from procurement.infra.web.door import AnyRequest, Door

KEPT = 120 * 86400  # seconds; longer than any tender is open


def read(request: AnyRequest, door: Door, supplier: str) -> str:
    """The key of that organisation's draft, or ""."""
    return request.cookies.get(_name(door, supplier)) or ""


def write(door: Door, tender_id: str, supplier: str, key: str) -> Cookie:
    """Hand the key to the browser; an empty key takes it back."""
    return Cookie(
        key=_name(door, supplier),
        value=key,
        path=f"/tenders/{tender_id}/bid",
        max_age=KEPT if key else 0,
        secure=door.cookies.secure,
        httponly=True,
        samesite="strict",
    )


def _name(door: Door, supplier: str) -> str:
    return f"{'__Secure-' if door.cookies.secure else ''}draft-{supplier}"
