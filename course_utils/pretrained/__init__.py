"""Small models that come with the course, already trained, each with the recipe that made it."""
