"""Strict local stand-ins of vendors, for tests and rehearsal."""
