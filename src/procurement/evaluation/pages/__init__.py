"""What the buyer's people see of an evaluation, and the one question a bidder may get."""

from procurement.evaluation.pages.committee import CommitteePages
from procurement.evaluation.pages.judging import JudgingPages
from procurement.evaluation.pages.low_prices import LowPricePages
from procurement.evaluation.pages.overview import OverviewPages

ROUTES = (OverviewPages, CommitteePages, JudgingPages, LowPricePages)
