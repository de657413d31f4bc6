"""Decrypting one bid in a child process that can do nothing else: no files, no network, bounded memory and time."""
