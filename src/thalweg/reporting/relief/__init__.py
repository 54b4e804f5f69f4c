"""The ground of a landscape in relief: the same picture as the page's, as an array."""
