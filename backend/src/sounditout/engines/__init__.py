"""The engines behind the ports. Only the composition root, the command line and tests import them."""
