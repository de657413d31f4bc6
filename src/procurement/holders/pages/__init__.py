"""Key holders in the browser: one's own key, and the keys of one's organisation."""

from litestar.types import ControllerRouterHandler

from procurement.holders.pages.colleagues import ColleaguesPages
from procurement.holders.pages.own import OwnKeyPages
from procurement.holders.pages.practice import PracticeKeyPages
from procurement.holders.pages.proofs import ProofPages
from procurement.holders.pages.rosters import RosterPages

ROUTES: tuple[ControllerRouterHandler, ...] = (OwnKeyPages, ProofPages, RosterPages, ColleaguesPages, PracticeKeyPages)
