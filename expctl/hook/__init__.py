"""What runs in the child's interpreter before the script does; see ``sitecustomize``."""
