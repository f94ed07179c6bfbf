"""One file a command: its words and options, handed over to an action."""
