"""Every stage as the web and worker processes plug it in: routes, handlers of facts, and what the clock starts."""

from collections.abc import Awaitable, Callable
from functools import partial

from litestar.types import ControllerRouterHandler

from procurement.awards import api as awards_api
from procurement.awards import jobs as awards_jobs
from procurement.awards import pages as awards_pages
from procurement.bids import api as bids_api
from procurement.bids import jobs as bids_jobs
from procurement.bids import pages as bids_pages
from procurement.clarifications import api as clarifications_api
from procurement.clarifications import pages as clarifications_pages
from procurement.contracts import api as contracts_api
from procurement.contracts import jobs as contracts_jobs
from procurement.contracts import pages as contracts_pages
from procurement.desks import api as desks_api
from procurement.desks import pages as desks_pages
from procurement.evaluation import api as evaluation_api
from procurement.evaluation import pages as evaluation_pages
from procurement.fairness import api as fairness_api
from procurement.fairness import jobs as fairness_jobs
from procurement.fairness import pages as fairness_pages
from procurement.feedback import jobs as feedback_jobs
from procurement.feedback import pages as feedback_pages
from procurement.holders import api as holders_api
from procurement.holders import jobs as holders_jobs
from procurement.holders import pages as holders_pages
from procurement.holders.rules.facts import KeyHolderConfirmed, KeyHolderEnded, KeyHolderEnrolled, RosterFrozen
from procurement.identity import api as identity_api
from procurement.identity import jobs as identity_jobs
from procurement.identity import pages as identity_pages
from procurement.infra.files import Files
from procurement.infra.keyholder import Keyholder
from procurement.infra.ledger import cover
from procurement.infra.ledger.facts import KeyPublished
from procurement.infra.outbox import Handler
from procurement.infra.tx import Database
from procurement.notices import api as notices_api
from procurement.notices import jobs as notices_jobs
from procurement.notices import pages as notices_pages
from procurement.notices.jobs import clock as notices_clock
from procurement.notices.jobs import webhooks as notices_webhooks
from procurement.opening import api as opening_api
from procurement.opening import jobs as opening_jobs
from procurement.opening import pages as opening_pages
from procurement.opening.rules import SealKeysEnded, TechnicalDecided
from procurement.opening.service.pace import Pace
from procurement.payments import api as payments_api
from procurement.payments import jobs as payments_jobs
from procurement.payments import pages as payments_pages
from procurement.payments.jobs import cards as payments_cards
from procurement.payments.jobs import receipts as payments_receipts
from procurement.publication import api as publication_api
from procurement.publication import clock as publication_clock
from procurement.publication import jobs as publication_jobs
from procurement.publication import pages as publication_pages
from procurement.publication.search import consumer as search_consumer
from procurement.retention import api as retention_api
from procurement.retention import pages as retention_pages
from procurement.rulebooks import api as rulebooks_api
from procurement.rulebooks import pages as rulebooks_pages
from procurement.suppliers import api as suppliers_api
from procurement.suppliers import pages as suppliers_pages
from procurement.tenders import api as tenders_api
from procurement.tenders import jobs as tenders_jobs
from procurement.tenders import pages as tenders_pages
from procurement.tenders.rules.facts import DeadlineExtended, TenderCancelled, TenderPublished

ROUTES: tuple[ControllerRouterHandler, ...] = (
    *identity_api.ROUTES,
    *identity_pages.ROUTES,
    *feedback_pages.ROUTES,
    *rulebooks_api.ROUTES,
    *rulebooks_pages.ROUTES,
    *suppliers_api.ROUTES,
    *suppliers_pages.ROUTES,
    *payments_api.ROUTES,
    *payments_pages.ROUTES,
    *holders_api.ROUTES,
    *holders_pages.ROUTES,
    *tenders_api.ROUTES,
    *tenders_pages.ROUTES,
    *fairness_api.ROUTES,
    *fairness_pages.ROUTES,
    *clarifications_api.ROUTES,
    *clarifications_pages.ROUTES,
    *bids_api.ROUTES,
    *bids_pages.ROUTES,
    *opening_api.ROUTES,
    *opening_pages.ROUTES,
    *evaluation_api.ROUTES,
    *evaluation_pages.ROUTES,
    *awards_api.ROUTES,
    *awards_pages.ROUTES,
    *contracts_api.ROUTES,
    *contracts_pages.ROUTES,
    *publication_api.ROUTES,
    *publication_pages.ROUTES,
    *notices_api.ROUTES,
    *notices_pages.ROUTES,
    *retention_api.ROUTES,
    *retention_pages.ROUTES,
    *desks_api.ROUTES,
    *desks_pages.ROUTES,
)

HANDLERS: tuple[Handler, ...] = (
    *cover.HANDLERS,
    *identity_jobs.HANDLERS,
    *feedback_jobs.HANDLERS,
    *payments_jobs.HANDLERS,
    *holders_jobs.HANDLERS,
    *tenders_jobs.HANDLERS,
    *bids_jobs.HANDLERS,
    *awards_jobs.HANDLERS,
    *contracts_jobs.HANDLERS,
    *publication_jobs.HANDLERS,
    *notices_jobs.HANDLERS,
)

SEARCH = search_consumer.Consumer()

CLOCKWORK: tuple[Callable[[Database, Keyholder, Files], Awaitable[None]], ...] = (
    lambda database, keyholder, files: bids_jobs.sweep(database, keyholder),
    partial(opening_jobs.sweep, pace=Pace()),
    partial(opening_jobs.sweep_prices, pace=Pace()),
    lambda database, keyholder, files: fairness_jobs.look(database),
    lambda database, keyholder, files: opening_jobs.destroy_keys(database, keyholder),
    lambda database, keyholder, files: opening_jobs.scan(database, files),
    lambda database, keyholder, files: publication_clock.sweep(database),
    lambda database, keyholder, files: notices_clock.remind(database),
    lambda database, keyholder, files: notices_clock.post_letters(database),
    lambda database, keyholder, files: notices_webhooks.sweep(database),
    lambda database, keyholder, files: payments_cards.sweep(database),
    lambda database, keyholder, files: holders_jobs.sweep(database),
    lambda database, keyholder, files: payments_receipts.sweep(database, files),
    lambda database, keyholder, files: SEARCH.sweep(database),
)
"""Latches that follow from the legal clock, once the keyholder's clock agrees. If they never run, no rule is broken."""

RELIED_ON = frozenset(
    fact.__name__
    for fact in (
        KeyPublished, TenderPublished, DeadlineExtended, RosterFrozen, KeyHolderEnrolled, KeyHolderConfirmed,
        KeyHolderEnded, TechnicalDecided, TenderCancelled, SealKeysEnded,
    )
)  # fmt: skip
"""Types of fact that bidders' and holders' clients, or the keyholder, take from open entries alone."""
