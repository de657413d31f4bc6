"""What identity promises, as pure functions and frozen facts."""
