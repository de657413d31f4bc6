"""What evaluations keep: the report of each that was concluded."""

from sqlalchemy import literal, select

from procurement.evaluation.tables import EvaluationRow
from procurement.infra.retained import Rows

NAMED: tuple[Rows, ...] = (
    select(
        literal("documents").label("kind"),
        EvaluationRow.report_sha256.label("sha256"),
        EvaluationRow.tender_id.label("owner"),
        EvaluationRow.tender_id.label("tender"),
    ).where(EvaluationRow.report_sha256 != ""),
)
