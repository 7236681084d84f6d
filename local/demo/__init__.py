"""What `make local` shows: the real app, the real CDK CLI and the real Lambda code on the local AWS."""
