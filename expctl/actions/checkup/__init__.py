"""What ``doctor`` looks at, one subject per file."""
