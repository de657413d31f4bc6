"""What people see of tenders while they make them. The public page of a tender is publication's."""

from procurement.tenders.pages.decisions import Decisions
from procurement.tenders.pages.documents import Documents, download
from procurement.tenders.pages.draft import Draft, NewTender
from procurement.tenders.pages.rows import Criteria, Items, Lots
from procurement.tenders.pages.seal import SealPages

ROUTES = (NewTender, Draft, Lots, Items, Criteria, Documents, SealPages, download, Decisions)
