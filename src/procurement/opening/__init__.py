"""The act of opening: two officers ask, the keyholder releases, everything is read out together."""
