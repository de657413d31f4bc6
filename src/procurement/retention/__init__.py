"""How long records are kept, what ends when, and holds that keep what would end (docs/retention.md)."""
