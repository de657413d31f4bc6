"""The public record for people. Nothing here asks for an account."""

from procurement.publication.pages.front import FrontPages
from procurement.publication.pages.notices import NoticePages
from procurement.publication.pages.organisations import OrganisationPages
from procurement.publication.pages.results import ResultPages
from procurement.publication.pages.search import SearchPages
from procurement.publication.pages.spending import SpendingPages
from procurement.publication.pages.takeaway import TakeawayPages
from procurement.publication.pages.tender import TenderPages

ROUTES = (
    FrontPages,
    SearchPages,
    TakeawayPages,
    NoticePages,
    TenderPages,
    ResultPages,
    OrganisationPages,
    SpendingPages,
)
