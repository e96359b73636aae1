"""What surrounds every HTTP request: errors as answers, headers, bounds, the web app."""
