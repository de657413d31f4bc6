"""What is remembered of money: charges and what became of them, and the books. Private to this stage."""
