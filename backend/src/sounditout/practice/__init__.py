"""What to read next and how to teach a sound: sentences and phonics as data, and pure functions over them."""
