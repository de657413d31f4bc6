"""How much a bid may hold. Told to bidders before they upload, in the units that their computers show."""

MB = 1_000_000  # bytes

FILES = 50  # documents of a bid
FILE_LIMIT = 250 * MB  # bytes of one document that is sealed here, while it arrives
BID_LIMIT = 1000 * MB  # bytes of the sealed parts of one bid that is sealed here
CLIENT_FILE_LIMIT = 4000 * MB  # bytes of one document that the bidder's own device or program seals
CLIENT_BID_LIMIT = 8000 * MB  # bytes of the sealed parts of such a bid
SEALING = 1.13  # a sealed document is at most so much larger: padding (Padmé, 12 %) and the headers of its parts
STORED_LIMIT = 2 * CLIENT_BID_LIMIT  # bytes of all sealed parts one supplier may store for one tender, drafts included
