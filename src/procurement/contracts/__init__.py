"""Contracts: the document, both signatures, the signed contract."""
