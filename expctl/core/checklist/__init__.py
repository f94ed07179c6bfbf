"""How well a run can be done again: what holds, what does not, and the command that mends it."""
