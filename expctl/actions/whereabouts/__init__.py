"""Where the parts of a run lie: in this clone, on the remotes, or nowhere."""
