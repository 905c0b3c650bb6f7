"""Claims: made, edited and organised, leased to one person at a time, locked while they change."""
