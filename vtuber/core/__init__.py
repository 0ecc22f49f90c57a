"""Pure rules: arguments in, values out; `now` and `dice` are arguments."""
