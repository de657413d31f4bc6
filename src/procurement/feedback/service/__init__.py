"""The commands of feedback."""

from procurement.feedback.service.messages import (
    Message,
    Waiting,
    answer,
    answered,
    give,
    message,
    send_answer,
    tell_operator,
    unanswered,
    waiting,
)

__all__ = [
    "Message",
    "Waiting",
    "answer",
    "answered",
    "give",
    "message",
    "send_answer",
    "tell_operator",
    "unanswered",
    "waiting",
]
