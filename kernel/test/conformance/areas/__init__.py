"""What is checked, area by area."""
