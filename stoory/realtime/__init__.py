"""The only package that knows sockets: contracts translate, the relay delivers, the lane commits in groups."""
