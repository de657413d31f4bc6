"""Tenders for programs."""

from procurement.tenders.api.roster import RosterApi
from procurement.tenders.api.tenders import TenderApi, TenderPage, TenderView
from procurement.tenders.rules import Document

__all__ = ["ROUTES", "Document", "TenderPage", "TenderView"]

ROUTES = (TenderApi, RosterApi)
