"""Providers by name: a word in YAML becomes a Pipecat service."""
