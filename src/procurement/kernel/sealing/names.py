"""Names that a document of a bid may have."""

from procurement.kernel.refusal import invalid
from procurement.kernel.sealing.declarations import DECLARATIONS
from procurement.kernel.sealing.manifest import PRICES

RESERVED = frozenset({PRICES, DECLARATIONS, "manifest.json"})


def check_name(name: str) -> None:
    """Refused("form-invalid", 422) as `must_be_a_plain_name`, and for a name that the bid itself uses."""
    must_be_a_plain_name(name)
    if name.lower() in RESERVED:
        words = "The bid itself uses this file name. Rename the file."
        raise invalid(words, file=words)


def must_be_a_plain_name(name: str) -> None:
    """Refused("form-invalid", 422) for a name that is empty, too long, not printable, or leads elsewhere."""
    if not name or len(name) > 200 or not name.isprintable() or "/" in name or "\\" in name or name in (".", ".."):
        words = "Give the file a plain name of at most 200 characters."
        raise invalid(words, file=words)
