class ArchiveError(Exception):
    """The archive holds what nobody should unpack."""
