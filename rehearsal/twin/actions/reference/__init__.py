"""What AWS's Service Authorization Reference says of each operation that moto can serve, as one table (ADR 0025)."""
