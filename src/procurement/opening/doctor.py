"""What the doctor says about openings: how the process that decrypts bids is confined here."""

from procurement.infra.doctor import Check, Finding
from procurement.infra.doctor.finding import advice, broken, ok
from procurement.kernel.refusal import Refused
from procurement.opening.unseal.confine import Confinement
from procurement.opening.unseal.parent import confinement
from procurement.settings import Settings

CURE = "Run the worker on Linux with seccomp, on x86_64 or aarch64, in nothing that forbids it (docs/operations.md)."


async def unsealing(settings: Settings) -> list[Finding]:
    """Of a child started from here: what confines the worker besides, such as its unit, is not seen."""
    try:
        return [told(await confinement(), required=settings.unseal_confined == "required")]
    except Refused:
        return [broken("unsealing", "the process that decrypts bids does not start: see the worker's log.")]


def told(held: Confinement, *, required: bool) -> Finding:
    """Landlock is the second lock: alone it leaves unix sockets and processes open."""
    files = f"Landlock {held.landlock}" if held.landlock else "no Landlock"
    if held.calls:
        return ok("unsealing", f"bids are decrypted without files, network and processes (filter of calls, {files}).")
    said = f"the process that decrypts bids is not confined (no filter of calls, {files})"
    if required:
        return broken("unsealing", f"{said}, and UNSEAL_CONFINED asks for it: openings wait. {CURE}")
    return advice("unsealing", f"{said}: a parser that a bid breaks reads what the worker may read. {CURE}")


CHECKS: dict[str, Check] = {"unsealing": unsealing}
