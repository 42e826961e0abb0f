"""Amounts of money: millionths of a US dollar, and how people read them."""

MICRODOLLARS = 1_000_000
"""One dollar."""


def dollars(microdollars: int) -> str:
    """To the cent, and below a dollar as exactly as it takes."""
    amount = microdollars / MICRODOLLARS
    return f"${amount:.2f}" if amount >= 1 or microdollars == 0 else f"${amount:.4f}"
