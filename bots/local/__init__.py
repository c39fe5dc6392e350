"""The embedded default: ears, voice and brain that run on this machine."""
