"""What a hop says of where to go on, and what stands where it ended: redirects.py decides."""
