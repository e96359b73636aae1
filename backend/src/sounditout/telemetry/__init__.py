"""What the server tells those who keep it running."""
