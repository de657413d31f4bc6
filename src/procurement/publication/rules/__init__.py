"""What follows from published releases, without a database or a clock."""
