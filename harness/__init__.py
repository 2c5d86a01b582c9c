"""The app as it runs, and a browser that looks at it: for tests, benches and pictures. Not a part of the app."""
