"""The documentation as a site: pages of the snapshot, walls around its text, all offline."""
