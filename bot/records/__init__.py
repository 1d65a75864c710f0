"""Everything that must outlive Redis, in SQL."""
