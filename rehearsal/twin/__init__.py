"""The offline AWS twin: moto behind a gate that decides as AWS would. See README.md beside this file."""
