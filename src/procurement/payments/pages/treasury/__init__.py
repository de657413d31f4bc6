"""The treasury's pages: what waits, every charge with its story, money nobody knows, the books."""

from procurement.payments.pages.treasury.cards import CardDifferences
from procurement.payments.pages.treasury.charges import ChargePages
from procurement.payments.pages.treasury.decisions import DecisionPages
from procurement.payments.pages.treasury.desk import TreasuryPages
from procurement.payments.pages.treasury.unmatched import UnmatchedPages

ROUTES = (TreasuryPages, ChargePages, DecisionPages, UnmatchedPages, CardDifferences)
