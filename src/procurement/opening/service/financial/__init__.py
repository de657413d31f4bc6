"""The second opening, of financial envelopes: decided on, asked for by two people, released, staged, shown together.

It follows the first step by step, over the technical decision instead of the closing. Those of bidders who failed are
never asked for, and the keyholder would not release them. At seal levels S2 and S3 key holders give shares once more,
of those who passed.
"""
