import os

from lettings import create_app

app = create_app()

if __name__ == "__main__":
    app.run(host="0.0.0.0", port=int(os.getenv("PORT", "8000")), debug=os.getenv("LETTINGS_ENV", "dev") != "prod")
