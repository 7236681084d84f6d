"""Who owns the mount targets that adoption created (docs/adr/0006-ledger.md)."""
