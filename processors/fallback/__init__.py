"""Chains of providers: pure policy (`breaker`, `policy`, `seam`) and one thin shell a kind."""
