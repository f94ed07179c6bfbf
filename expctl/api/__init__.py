"""What ``import expctl`` gives to a script or a notebook."""
