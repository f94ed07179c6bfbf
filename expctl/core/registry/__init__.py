"""The registry's rules: names of tags, what they add up to, and which tags a change takes."""
