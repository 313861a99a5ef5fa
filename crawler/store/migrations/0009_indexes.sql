-- The tasks that led to a piece, and what a chain brought: looked up for each page, and for each chain that is verified.
CREATE INDEX frontier_piece_id ON frontier (piece_id) WHERE piece_id IS NOT NULL;
CREATE INDEX captures_resolution_id ON captures (resolution_id);
