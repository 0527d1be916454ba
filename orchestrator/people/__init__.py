"""What people need beside the stacks: links into the console, and profiles for AWS's own tools."""
