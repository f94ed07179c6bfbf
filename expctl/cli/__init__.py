"""Faces: words in, words out. Commands, the console, the guard."""
