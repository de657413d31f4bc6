"""Who acts: a signed-in person with roles, nobody, or a named system actor."""

from datetime import datetime, timedelta

import msgspec

from procurement.kernel.permissions import EVERYWHERE, GRANTS, READS, P, Role
from procurement.kernel.refusal import Refused

STEP_UP = timedelta(minutes=5)  # how long a fresh proof of identity counts (ASVS 7.5.3)


class Actor(msgspec.Struct, frozen=True):
    """`roles` are (organisation id, role) pairs; `organisation` is the one acted for, "" when none was chosen.

    `deputy_for` says which of them are held as somebody's deputy alone, as (organisation id, role, that person).
    `behalf` gathers whose right was needed in this request: whoever acts by a right of their own acts for nobody else.
    `withheld` are roles that count only after a stronger proof of who this is; nothing is granted by them.
    `weak` says that this browser has shown one thing alone: a password, or the word of a provider.
    """

    person: str = ""
    roles: frozenset[tuple[str, Role]] = frozenset()
    organisation: str = ""
    stepped_up_at: datetime | None = None  # by the real clock
    system: str = ""
    limit: frozenset[P] | None = None  # what the token in use was made for; None where nothing narrows the roles
    deputy_for: frozenset[tuple[str, Role, str]] = frozenset()
    behalf: set[str] = msgspec.field(default_factory=set)
    withheld: frozenset[tuple[str, Role]] = frozenset()
    weak: bool = False

    @property
    def name(self) -> str:
        """How the ledger names the actor: never a natural person's name."""
        return f"system:{self.system}" if self.system else f"person:{self.person}" if self.person else "nobody"

    @property
    def recorded_as(self) -> str:
        """The same with those on whose behalf: "person:DEPUTY for person:GIVER"."""
        return " for ".join([self.name, *(f"person:{giver}" for giver in sorted(self.behalf))])

    def may(self, permission: P, of: str) -> bool:
        """Whether some role held in organisation `of` grants the permission. System actors may."""
        return bool(self.system) or any(
            self._grants(role, permission) and (org == of or role in EVERYWHERE) for org, role in self.roles
        )

    def _grants(self, role: Role, permission: P) -> bool:
        return permission in GRANTS[role] and (self.limit is None or permission in self.limit)

    @property
    def only_reads(self) -> bool:
        """Whether a token was made for reading alone: no change at all is let through."""
        return self.limit is not None and self.limit <= READS

    def must(self, permission: P, of: str) -> None:
        """Refused("sign-in-needed") for nobody, Refused("not-permitted") for the wrong person."""
        self.must_be_somebody()
        if not self.may(permission, of):
            self._must_not_wait(permission, of)
            raise Refused(
                "not-permitted", "Your role does not allow this here. Ask an owner of the organisation.", status=403
            )
        self.behalf.update(self.acts_for(permission, of))

    def acts_for(self, permission: P, of: str) -> set[str]:
        """Those whose role lends this permission; empty for whoever has it by a role of their own."""
        lent = {(org, role) for org, role, _ in self.deputy_for}
        using = {
            (org, role)
            for org, role in self.roles
            if self._grants(role, permission) and (org == of or role in EVERYWHERE)
        }
        if using - lent:
            return set()
        return {giver for org, role, giver in self.deputy_for if (org, role) in using}

    def must_somewhere(self, permission: P) -> None:
        """The same refusal for somebody who has the permission in no organisation at all."""
        if not self.system and not any(self._grants(role, permission) for _, role in self.roles):
            self._must_not_wait(permission)
            raise Refused("not-permitted", "Your role does not allow this.", status=403)

    def _must_not_wait(self, permission: P, of: str = "") -> None:
        """Refused("stronger-proof-needed") for who would be permitted after it, in `of` or anywhere."""
        if any(self._grants(role, permission) and of in ("", org) for org, role in self.withheld):
            raise stronger_proof_needed()

    def must_be_somebody(self) -> None:
        if not (self.person or self.system):
            raise Refused("sign-in-needed", "Sign in first, then try again.", status=401)

    def must_be_stepped_up(self, real_now: datetime) -> None:
        """Refused("step-up-needed") unless identity was proved again in the last five minutes."""
        if not self.system and (self.stepped_up_at is None or real_now - self.stepped_up_at > STEP_UP):
            raise Refused("step-up-needed", "Confirm that it is you, then do this again.", status=403)

    def organisations_with(self, permission: P) -> list[str]:
        """The organisations in which this person has the permission, in a stable order."""
        return sorted({org for org, role in self.roles if self._grants(role, permission)})


def stronger_proof_needed() -> Refused:
    return Refused(
        "stronger-proof-needed",
        "Your role needs more than a password: sign in with a passkey, or with a code of an authenticator app.",
        status=403,
    )


NOBODY = Actor()


def system(name: str) -> Actor:
    return Actor(system=name)


def must_be_two(first: str, second: str) -> None:
    """The two-person rule: Refused("same-person") when both are the same."""
    if first == second:
        raise Refused(
            "same-person", "A second person has to confirm this: you did the first step yourself.", status=403
        )
