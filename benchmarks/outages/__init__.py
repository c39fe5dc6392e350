"""One module a kind of provider: what the caller gets when its first provider fails."""
