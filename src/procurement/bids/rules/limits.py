"""How much a bid may hold. Told to bidders before they upload."""

MIB = 1 << 20

FILE_LIMIT = 256 * MIB  # bytes of one document
FILES = 50  # documents of a bid
BID_LIMIT = 1024 * MIB  # bytes of the sealed parts of one bid
STORED_LIMIT = 4 * BID_LIMIT  # bytes of all sealed parts one supplier may store for one tender, drafts included
