"""Claims: the queue, lists, and the page of one."""
