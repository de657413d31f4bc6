"""What the client reads and sends is what the service answers and takes."""

import typing
from typing import Any

import msgspec
import pytest

from procurement.awards import api as awards
from procurement.bids import api as bids
from procurement.clarifications import api as clarifications
from procurement.client import answers, bodies
from procurement.contracts import api as contracts
from procurement.evaluation import api as evaluation
from procurement.identity import api as identity
from procurement.infra.ledger import feed
from procurement.infra.web import record, sandbox
from procurement.opening.api import opening
from procurement.publication import api as publication
from procurement.tenders import api as tenders
from procurement.tenders.rules import whole

READ = {
    answers.Award: awards.AwardState,
    answers.ChangePage: feed.Page,
    answers.Clock: sandbox.Clock,
    answers.Contract: contracts.ContractState,
    answers.Document: tenders.Document,
    answers.Evaluation: evaluation.State,
    answers.Keys: record.Keys,
    answers.Made: clarifications.Made,
    answers.Me: identity.Me,
    answers.NoticePage: publication.ListedNotices,
    answers.Opening: opening.Standing,
    answers.PublicAwardPage: publication.ListedAwards,
    answers.PublicOrganisationPage: publication.ListedOrganisations,
    answers.Question: clarifications.Question,
    answers.Received: bids.Received,
    answers.SteppedUp: identity.SteppedUp,
    answers.Stored: bids.Stored,
    answers.Tender: tenders.TenderView,
    answers.TenderPage: tenders.TenderPage,
    answers.WhatToSeal: bids.WhatToSeal,
    answers.Withdrawn: bids.Withdrawn,
}
SENT = {bodies.NewTender: whole.NewTender, bodies.Score: evaluation.GivenScore}


def fields(kind: type[Any]) -> dict[str, Any]:
    return typing.get_type_hints(kind)


def structs(hint: Any) -> list[type[Any]]:
    """The structs that a type is made of: tuple[Lot, ...] -> [Lot]."""
    inside = [one for part in typing.get_args(hint) for one in structs(part)]
    return [hint] if isinstance(hint, type) and issubclass(hint, msgspec.Struct) else inside


def strays(ours: type[Any], theirs: type[Any]) -> list[str]:
    """Fields of ours that they do not have, however deep."""
    found = []
    for name, hint in fields(ours).items():
        if name not in fields(theirs):
            found.append(f"{ours.__name__}.{name}")
        else:
            for mine, other in zip(structs(hint), structs(fields(theirs)[name]), strict=True):
                found += strays(mine, other) if mine is not other else []
    return found


@pytest.mark.parametrize(("ours", "theirs"), [*READ.items(), *SENT.items()], ids=lambda kind: kind.__name__)
def test_every_field_is_one_of_the_service(ours: type[Any], theirs: type[Any]) -> None:
    assert strays(ours, theirs) == []


@pytest.mark.parametrize(("ours", "theirs"), SENT.items(), ids=lambda kind: kind.__name__)
def test_nothing_that_has_to_be_sent_is_left_out(ours: type[Any], theirs: type[Any]) -> None:
    required = {one.name for one in msgspec.structs.fields(theirs) if one.required}
    assert required <= set(fields(ours))
