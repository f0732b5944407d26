"""What staff see of the running servers: the dashboard, live sockets, and why a message did not arrive."""
