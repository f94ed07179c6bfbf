"""Values and rules: no door, no screen, no clock."""
