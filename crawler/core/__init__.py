"""Pure: plain functions over plain frozen data. No clock, no network, no disk, no log."""
