"""Questions asked by suppliers whom nobody else learns of, and one public answer to each."""
