-- Chains
-- Every hop of every link that was followed, in order.
SELECT url, position, status, via, hop_url, outcome, detail FROM redirect_chains
