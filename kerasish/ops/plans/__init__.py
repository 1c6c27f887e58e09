"""How the operations that training spends its time in are computed in place, in a recorded step.

Each plan gets a `Room` to take arrays from and a `Node` (see `backend.room`), and returns the calls that fill the
node's output and, after the gradient has arrived, those that fill the gradients of its arguments. What it returns must
equal the operation's own forward and derivative; a test holds the two together. An operation names its plan where it
is declared, and the file is loaded when the first step is recorded.
"""
