"""Key holders: who holds the second lock of sealed bids, how they prove it, and the rosters that they sign."""
