"""The outside world, one file each: database, queue, mail, files, search, services."""
