"""Many releases of one procurement into one record (OCDS 1.1, merging)."""

import warnings
from typing import Any

from ocdsmerge import Merger  # type: ignore[import-untyped]  # the package carries no types
from ocdsmerge.exceptions import OCDSMergeError, OCDSMergeWarning  # type: ignore[import-untyped]  # as above

_OMITTED = ("id", "date", "tag")
# Lists that a later release replaces as a whole, as the 1.1.5 schema with the bid and lots extensions marks them;
# given here because the merger would otherwise fetch the schema from the web.
_REPLACED = """
    parties/additionalIdentifiers parties/roles buyer/additionalIdentifiers planning/documents/relatedLots
    planning/milestones/documents/relatedLots planning/milestones/relatedLots
    tender/procuringEntity/additionalIdentifiers tender/items/additionalClassifications
    tender/additionalProcurementCategories tender/submissionMethod tender/tenderers/additionalIdentifiers
    tender/documents/relatedLots tender/milestones/documents/relatedLots tender/milestones/relatedLots
    tender/amendments/changes tender/amendment/changes tender/lotGroups/relatedLots
    awards/suppliers/additionalIdentifiers awards/items/additionalClassifications awards/documents/relatedLots
    awards/amendments/changes awards/amendment/changes awards/relatedLots contracts/items/additionalClassifications
    contracts/documents/relatedLots contracts/implementation/transactions/payer/additionalIdentifiers
    contracts/implementation/transactions/payee/additionalIdentifiers
    contracts/implementation/milestones/documents/relatedLots contracts/implementation/milestones/relatedLots
    contracts/implementation/documents/relatedLots contracts/relatedProcesses/relationship
    contracts/milestones/documents/relatedLots contracts/milestones/relatedLots contracts/amendments/changes
    contracts/amendment/changes relatedProcesses/relationship bids/details/tenderers/additionalIdentifiers
    bids/details/documents/relatedLots bids/details/relatedLots
"""
RULES = {(name,): "omitWhenMerged" for name in _OMITTED} | {
    tuple(path.split("/")): "wholeListMerge" for path in _REPLACED.split()
}
_merger = Merger(merge_rules=RULES)


def compiled_release(releases: list[dict[str, Any]]) -> dict[str, Any]:
    """The compiled release of `releases`, which are in the order in which they were published.

    Other publishers' releases may contradict each other in shape (a text that was an object before): then the latest
    one alone stands for the procurement.
    """
    in_order = [{**release, "initiationType": "tender"} for release in releases]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", OCDSMergeWarning)  # ids used twice in a list: their objects are merged
        try:
            merged = _merger.create_compiled_release(_dated_as_ordered(in_order))
        except OCDSMergeError:
            merged = {**in_order[-1], "tag": ["compiled"]}
    last = releases[-1]
    return {**merged, "id": f"{last['ocid']}-{last['date']}", "date": last["date"]}


def _dated_as_ordered(releases: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The merger sorts by the text of the date, which misorders different time zones: give it texts that do not."""
    return [{**release, "date": f"{place:09}"} for place, release in enumerate(releases)]
