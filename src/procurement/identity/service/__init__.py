"""What identity does for pages, programs and later stages.

Its times are real ones, never those of a sandbox's legal clock.
"""

from procurement.identity.rules.membership import Member, Organisation
from procurement.identity.rules.strength import Demand
from procurement.identity.service.actors import actor_for_bearer, actor_for_session, actors_for_bearers
from procurement.identity.service.held import in_any, must_not_work_for, workplaces
from procurement.identity.service.keeping import keep, let_go
from procurement.identity.service.memberships import grant, members
from procurement.identity.service.naming import history, organisations_at
from procurement.identity.service.people import create_person, people_with, person_names
from procurement.identity.service.registry import (
    create_organisation,
    organisation,
    organisations,
    organisations_of_kind,
)
from procurement.identity.service.succession import merged, must_not_be_merged, predecessors, successor
from procurement.identity.service.two_people import must_be_two_people
from procurement.kernel.actor import must_be_two

__all__ = [
    "Demand",
    "Member",
    "Organisation",
    "actor_for_bearer",
    "actor_for_session",
    "actors_for_bearers",
    "create_organisation",
    "create_person",
    "grant",
    "history",
    "in_any",
    "keep",
    "let_go",
    "members",
    "merged",
    "must_be_two",
    "must_be_two_people",
    "must_not_be_merged",
    "must_not_work_for",
    "organisation",
    "organisations",
    "organisations_at",
    "organisations_of_kind",
    "people_with",
    "person_names",
    "predecessors",
    "successor",
    "workplaces",
]
