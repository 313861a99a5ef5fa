"""What a run starts from."""
