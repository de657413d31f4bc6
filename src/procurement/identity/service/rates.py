"""How often what may be tried, by pages and programs together."""

from procurement.infra.ratelimit import Limit

QUARTER, HOUR, DAY = 900, 3600, 86400  # seconds

ACCOUNT = Limit("account", 20, QUARTER)  # passwords and codes tried on one account
PEER = Limit("peer", 300, QUARTER)  # tried from one place: an office may share an address
QUESTIONS = Limit("questions", 1200, QUARTER)  # to passkeys, from one place: every look at the sign-in page asks one
REGISTER = Limit("register", 100, HOUR)  # by peer
RECOVER = Limit("recover", 5, HOUR)  # letters to one address
INVITE = Limit("invite", 50, DAY)  # letters from one organisation
INVITED = Limit("invited", 10, DAY)  # letters to one address, whoever asks
