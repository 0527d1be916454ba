"""The real Pulumi CLI and its provider plugins: found, installed when asked."""
