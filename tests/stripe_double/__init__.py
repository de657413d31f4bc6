"""Stripe for tests: a process of its own, asked over HTTP, that can be killed and answers badly when it is told to."""
