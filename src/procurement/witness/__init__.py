"""A witness: a small server of its own that cosigns the checkpoints of other people's logs (C2SP `tlog-witness`).

It keeps the newest checkpoint that it cosigned of each log, and cosigns only what continues that one. It knows nothing
of procurement, has no database but one file, and is best run by somebody who is not the operator of the log.
"""
