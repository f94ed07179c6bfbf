"""Readers of what a command measured."""
