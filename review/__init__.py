"""DECIDE. The review application: one file a page in pages/, one template each."""
