"""Backup, restore, and the drill that proves both (docs/backup.md).

One backup holds the database, the files that it names, the keys that sign, and the log's newest checkpoint as its
anchor. The keyholder's store is never in it: that is `procurement keyholder-backup`, to another place.
"""
