"""The feed of changes: `notes` writes what a transaction changed, `positions` puts in order what
has committed, the other modules read it."""
