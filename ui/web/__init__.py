"""The page in the browser and the APIs beside it."""
