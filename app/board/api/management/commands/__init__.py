"""One module per command: parse, call one service, print what happened."""
