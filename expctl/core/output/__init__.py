"""Metrics out of what a program prints: text in, readings out; nothing here touches a file."""
