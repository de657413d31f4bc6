"""Padmé: padding that leaves little to learn from a length, at a cost of at most 12 %.

"Reducing Metadata Leakage from Encrypted Files and Communication with PURBs" (Nikitin et al., 2019), section 4.
"""


def padded_size(size: int) -> int:
    """The Padmé size of `size` bytes: the low bits of the length are rounded up, more of them for longer files."""
    if size < 2:
        return size
    exponent = size.bit_length() - 1
    kept = exponent.bit_length()
    mask = (1 << max(exponent - kept, 0)) - 1
    return (size + mask) & ~mask
