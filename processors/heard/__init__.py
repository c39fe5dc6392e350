"""The heard ledger: what of the bot's words the caller has heard."""
