"""Settings of every test."""

from hypothesis import settings

# A deadline is a timed test: it fails on a busy machine and tells nothing.
settings.register_profile("offhook", deadline=None)
settings.load_profile("offhook")
