"""From a recording and its sentence to a reading report. Knows no transport, no database, no settings."""
