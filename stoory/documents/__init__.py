"""What the documents of every interface are made of: fields, error codes, operations of routes, JSON Schema."""
