"""Tables of any format → columns and rows → the fields of an item. Pure."""
