"""How feeds and sitemaps are read: lists.py tells which is which."""
