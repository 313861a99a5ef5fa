"""What leaves the house: Datasette, the graph as a picture, exports. Text from the web can do nothing in any of them."""
