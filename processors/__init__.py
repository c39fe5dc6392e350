"""Frame processors and turn strategies: thin shells round pure policies."""
