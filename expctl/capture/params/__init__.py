"""Readers of what a command was configured with."""
