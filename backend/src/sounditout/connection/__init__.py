"""The conversation with one client, apart from the sockets it runs over."""
