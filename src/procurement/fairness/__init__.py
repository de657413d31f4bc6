"""Fairness after an outage: who could not bid because of us is not to lose by it. Evidence comes from measurements, a
later deadline is proposed, and people decide."""
