"""Following, delivering, reading and sending copies."""
