"""What each operation asks for: IAM action names, resource ARNs, resource policies. One file per service."""
