"""Tenders: drafted, submitted, published by a second person, amended only forward, closed by a latch, or cancelled."""
