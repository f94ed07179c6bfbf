"""What is collected after the child, one subject per file; ``finishing`` puts the parts in order."""
