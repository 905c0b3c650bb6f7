"""One class an address; a method reads, calls one function, and answers."""
