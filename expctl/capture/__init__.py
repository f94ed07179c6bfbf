"""What is true before and after a run."""
