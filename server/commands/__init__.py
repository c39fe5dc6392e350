"""One file a subcommand of offhook."""
