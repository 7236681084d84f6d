"""The stacks of the app: thin, they compose and name what users need."""
