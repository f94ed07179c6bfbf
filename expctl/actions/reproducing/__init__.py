"""Run a recorded run again, in a copy of its world, and judge; ``repeat`` puts the steps in order."""
