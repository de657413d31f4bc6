"""What follows from facts, filters and the clock, without a database."""
