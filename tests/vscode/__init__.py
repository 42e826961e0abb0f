"""The extension in a real VS Code: journeys of a person, and tests inside the extension host."""
