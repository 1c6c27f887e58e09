"""The playground: a page in the browser on which a network learns, drawn while it does.

Start it with `kerasish playground`. `kerasish.playground.engine.Engine` is what the page talks to: it takes
the messages of `kerasish.playground.messages` and answers with others, and knows no sockets, threads or clocks.
"""
