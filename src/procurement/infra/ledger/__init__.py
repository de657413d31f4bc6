"""The append-only, public, verifiable log of every recorded fact (design: `docs/ledger.md`)."""
