"""Why two runs differ: one file for each kind of cause, and ``explain``, which puts them in order."""
