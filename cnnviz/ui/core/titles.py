"""What stands above each page."""

from cnnviz.lessons import LESSONS

# by slug, in the order of the menu; the first is the home page
TITLES = {"home": "See a convolutional network think", **{lesson.slug: lesson.title for lesson in LESSONS}}
