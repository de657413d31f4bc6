"""`procurement verify`: checks a receipt, or a whole procurement, trusting nothing but a public key.

It reads only what the public record serves. With an earlier checkpoint it also finds that history was rewritten,
even by somebody who holds the signing key.
"""
