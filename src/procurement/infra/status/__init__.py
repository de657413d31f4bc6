"""The state of the service, as visitors are told it: measured by itself, probed from outside, explained by people."""
