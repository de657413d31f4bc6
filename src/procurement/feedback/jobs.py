"""Letters about messages: to the operator, and back to whoever wrote."""

from procurement.feedback.service import send_answer, tell_operator

HANDLERS = (send_answer, tell_operator)
