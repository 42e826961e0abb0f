"""Who acts: jobs that hold a credential and touch the outside world. They see typed results and run no code."""
