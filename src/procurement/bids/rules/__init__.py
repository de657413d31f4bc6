"""What the law says of bids. Pure: no clock, no database, no web."""
