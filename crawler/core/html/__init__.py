"""How a page in HTML is read, in parts: page.py tells the story."""
