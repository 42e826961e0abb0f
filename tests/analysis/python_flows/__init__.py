"""Small programs in Python, each with or without a flow from a stranger to harm. Data for test_python_models.py."""
