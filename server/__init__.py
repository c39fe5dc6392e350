"""The launcher: links, sockets, sessions and the offhook command."""
