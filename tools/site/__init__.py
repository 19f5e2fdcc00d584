"""The course as a website: a page for every chapter, and all chapters to run in a browser tab."""
