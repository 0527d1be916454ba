"""One AWS request and its answer on the wire: bytes, signature, operation and parameters, errors by protocol."""
