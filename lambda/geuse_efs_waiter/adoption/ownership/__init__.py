"""Which mount targets an adoption owns, and what it does to them (docs/adr/0006-ownership.md)."""
