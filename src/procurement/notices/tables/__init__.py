"""What is remembered: who follows what, what was delivered to whom, and how far each reader of the record is."""
