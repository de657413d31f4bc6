"""What the buyer's people see of an evaluation, and the one question a bidder may get."""

from procurement.evaluation.pages.committee import CommitteePages
from procurement.evaluation.pages.judging import JudgingPages
from procurement.evaluation.pages.low_prices import LowPricePages
from procurement.evaluation.pages.overview import OverviewPages
from procurement.evaluation.pages.technical import TechnicalPages

ROUTES = (OverviewPages, CommitteePages, JudgingPages, TechnicalPages, LowPricePages)
