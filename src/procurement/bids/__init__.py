"""Sealed bids: receive, replace, withdraw. Nothing in this stage can read one."""
