import argparse
import json
import os
import pickle
import subprocess
import sys

import yaml


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", required=True)
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--config", default="config.yaml")
    options = parser.parse_args()
    with open(options.config) as file:
        config = yaml.safe_load(file)
    print(json.dumps({"epochs": options.epochs, "rate": config.get("rate", 0.01)}))
    subprocess.run([sys.executable, "-m", "serve.evaluate", options.data], check=False)


if __name__ == "__main__":
    main()
