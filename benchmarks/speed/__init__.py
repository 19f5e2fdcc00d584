"""How fast it is, how long a learner waits, and how much memory it takes."""
