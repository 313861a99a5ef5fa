"""What leaves the house: Datasette, the picture of the graph, exports, the report. Text from the web does nothing in them."""
