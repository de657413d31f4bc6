"""The public record: notices, OCDS releases and records, search, and what other publishers have published."""
