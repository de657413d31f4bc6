"""Pure values that every stage speaks in. No clock, no database, no framework."""
