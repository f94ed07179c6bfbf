"""Manifests, live folders, bytes, snapshots and the index."""
