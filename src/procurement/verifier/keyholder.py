"""The keyholder's own word on the openings of a tender: at publication and with each later time, signed by it."""

from procurement.kernel.refusal import Refused
from procurement.kernel.sealing.opening_record import MOVES, UNSIGNED, Told, in_force, must_be_said
from procurement.verifier.log import Broken
from procurement.verifier.records import Findings, Placed


def verify(findings: Findings, pin: str = "") -> None:
    """Check the word in every fact that names an opening time. `pin` is the keyholder's key, kept from elsewhere; ""
    takes those that the log names. Broken names the fact that lacks it, or whose word does not hold."""
    published, moves = findings.of(MOVES[0]), findings.of(*MOVES)
    if not published:
        return
    keys = [(one.index, str(one.fact["verifier"])) for one in findings.keyholders]
    signed = [one for one in moves if _is_signed(one, pin or in_force(keys, one.index), published[0])]
    if signed:
        findings.checks.append(f"the keyholder's word on key and time: {len(signed)}, in every fact since it signs")
    if moves[-1] not in signed:
        findings.notes.append(UNSIGNED)
    if len({verifier for _, verifier in keys}) > 1:
        places = ", ".join(str(index) for index, _ in keys)
        findings.notes.append(f"the log names several keys of the keyholder (entries {places}): ask its operator")


def _is_signed(move: Placed, key: str, published: Placed) -> bool:
    """False for a fact of before the keyholder signed."""
    if not key and not move.fact.get("opening_keys"):
        return False
    try:
        must_be_said(Told(move.index, move.record.type, move.fact), key, published.fact)
    except Refused as no:
        raise Broken(f"entry {move.index}: {no.detail}") from None
    return True
