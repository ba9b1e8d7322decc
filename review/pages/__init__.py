"""One file a page: `router`, and `MENU` when it has a place in the menu. Found by file name."""
