"""One module per behaviour of AWS that MiniStack lacks."""
