"""How much a bid may hold. Told to bidders before they upload, in the units that their computers show."""

MB = 1_000_000  # bytes

FILE_LIMIT = 250 * MB  # bytes of one document
FILES = 50  # documents of a bid
BID_LIMIT = 1000 * MB  # bytes of the sealed parts of one bid
SEALING = 1.13  # a sealed document is at most so much larger: padding (Padmé, 12 %) and the headers of its parts
STORED_LIMIT = 4 * BID_LIMIT  # bytes of all sealed parts one supplier may store for one tender, drafts included
