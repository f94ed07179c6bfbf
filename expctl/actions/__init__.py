"""What a person does with the tool, one use a file; the only place where steps are put in order."""
