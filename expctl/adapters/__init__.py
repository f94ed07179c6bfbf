"""The doors: git, DVC, processes, files, YAML, SQLite, the host and the clock."""
