"""What the law says about comparing bids. Pure: no clock, no database, no web."""
