"""A bot: from its YAML file to a call that runs."""
