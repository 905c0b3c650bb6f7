"""Claims: made and edited, put in order, held by one person at a time, locked while they change."""
