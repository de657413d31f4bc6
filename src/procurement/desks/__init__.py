"""Each actor's desk: what needs them now, what is coming, what is done."""
