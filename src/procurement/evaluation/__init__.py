"""Evaluation: committee, conflicts of interest, compliance, scores, abnormally low prices, ranking."""
