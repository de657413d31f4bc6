"""The edge towards people and programs: what every page and API route uses."""

from procurement.infra.web.door import Door, SignedIn, access
from procurement.infra.web.forms import read_form
from procurement.infra.web.pages import page, see_other

__all__ = ["Door", "SignedIn", "access", "page", "read_form", "see_other"]
