"""`procurement monitor`: follows a log for as long as one wants, and says what is wrong as soon as something is.

It keeps one checkpoint. Each round it proves that the log continues that one, reads every entry that is new, and reads
some that are old again. It needs nothing but the log's public key, which one had better have from somebody else.
"""
