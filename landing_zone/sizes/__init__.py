"""What documents and parameters measure against AWS's limits, before anything is started."""
