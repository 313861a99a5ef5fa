"""What others look at: the database in Datasette, and the graph as a picture."""
