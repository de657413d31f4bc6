"""A jurisdiction's rules as data: read, versioned, hashed, activated by two people, and frozen into each tender."""
