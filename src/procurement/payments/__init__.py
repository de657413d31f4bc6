"""Payments: what is asked of whom, what came in, what went back, what was kept, and the books that prove it."""
