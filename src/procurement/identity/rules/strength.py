"""How strong a proof of identity is, and which roles ask for how much (ASVS 5.0: 6.3.3).

Whoever buys or oversees needs more than a password. A bidder may bid with one: the account page recommends more.
"""

from enum import StrEnum

from procurement.kernel.refusal import Refused


class ProvedBy(StrEnum):
    """How somebody showed who they are, in the words that are stored."""

    PASSWORD = "password"  # noqa: S105  # the name of a way, no secret
    PROVIDER = "provider"
    CODE = "code"  # after the password: of an authenticator app, or a recovery code
    STRONG_PROVIDER = "strong-provider"  # a provider that says it asked for more than a password
    PASSKEY = "passkey"
    PRACTICE = "practice"  # the button of a sandbox


class Demand(StrEnum):
    """What an installation asks of those who buy or oversee (setting STAFF_PROOF)."""

    SECOND_FACTOR = "second-factor"
    PASSKEY = "passkey"


_ORDER = list(ProvedBy)
_PASSKEY = frozenset({ProvedBy.PASSKEY, ProvedBy.STRONG_PROVIDER, ProvedBy.PRACTICE})
_ENOUGH = {Demand.SECOND_FACTOR: _PASSKEY | {ProvedBy.CODE}, Demand.PASSKEY: _PASSKEY}


def demands(kind: str) -> bool:
    """Whether every role in an organisation of this kind asks for a strong proof."""
    return kind != "supplier"


def is_enough(proved_by: ProvedBy, demand: Demand) -> bool:
    return proved_by in _ENOUGH[demand]


def stronger(first: ProvedBy, second: ProvedBy) -> ProvedBy:
    """What a session counts as after both."""
    return max(first, second, key=_ORDER.index)


def must_keep(enough: bool, *, needed: bool) -> None:
    """Refused("last-factor") when the last strong proof would go while a role needs one."""
    if needed and not enough:
        raise Refused(
            "last-factor",
            "Your role needs a second proof beside the password. Add another one before you remove this.",
        )
