"""A module that cannot be imported, for bots that name a class in it."""

raise RuntimeError("the licence file is missing")
