"""Decrypting one bid in a child process that writes no file, with bounded memory and time. See docs/opening.md for what
is not taken from it."""
