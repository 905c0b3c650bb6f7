"""References: the lists of a desk, and the page of one."""
