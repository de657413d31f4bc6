"""What may be asked, given back and kept, by whom; and what each movement means for the books. Pure."""
