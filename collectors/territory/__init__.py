"""`paat territory refresh`: communes, outlines and priority zones from public services."""
