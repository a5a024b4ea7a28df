"""What is believed of the API, how well each belief is known, and what recordings say of it."""
