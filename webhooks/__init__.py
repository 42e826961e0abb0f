"""The door for GitHub: deliveries come in by POST and leave sealed. Needs no Postgres and no GitHub credential."""
