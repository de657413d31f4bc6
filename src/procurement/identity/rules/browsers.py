"""Naming a browser for its owner, from the string it sends. A guess that only helps to recognise one's own."""

_NAMES = (("Edg", "Edge"), ("OPR", "Opera"), ("Firefox", "Firefox"), ("Chrome", "Chrome"), ("Safari", "Safari"))
_SYSTEMS = (
    ("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows"), ("Mac OS", "macOS"),
    ("Linux", "Linux"),
)  # fmt: skip


def browser_name(user_agent: str) -> str:
    """“Firefox, Linux”; what it says of itself, shortened, when nothing is recognised; "" when it says nothing."""
    known = [next((name for mark, name in marks if mark in user_agent), "") for marks in (_NAMES, _SYSTEMS)]
    return ", ".join(filter(None, known)) or user_agent[:60]
