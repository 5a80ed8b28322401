"""A throwaway server, and what is asked of it without a client."""
import json
import os
import pathlib
import subprocess
import sys
import urllib.request

ROOT = pathlib.Path(__file__).parents[1]
# Nothing stands in the way of many requests.
UNLIMITED = {
    "RATES__REGISTRATIONS_PER_ADDRESS": 2**30,
    "RATES__FAILED_LOGINS_PER_ACCOUNT": 2**30,
    "RATES__FAILED_LOGINS_PER_ADDRESS": 2**30,
    "RATES__REQUESTS_PER_TOKEN": 0,
    "RATES__REQUESTS_PER_ACCOUNT": 0,
    "LIMITS__UNFINISHED_UPLOADS": 2**30,
    "LIMITS__UNFINISHED_SECONDS": 2**30,
}


def serve(folder):
    """A server with its data in `folder`, and its address."""
    anywhere = {f"SERVER__{name}_ADDR": "127.0.0.1:0" for name in ["APP", "MEDIA", "OPS"]}
    settings = {"DATA_DIR": folder, "AUTH__BCRYPT_COST": 4, **anywhere, **UNLIMITED}
    settings = {f"TINTYPE_{name}": str(value) for name, value in settings.items()}
    program = os.environ.get("TINTYPE_BIN", ROOT / "target/debug/tintype")
    # Nothing of an installation that this shell may be set up for.
    ours = {name: value for name, value in os.environ.items() if not name.startswith("TINTYPE_") and name not in ["DATABASE_URL", "PORT"]}
    server = subprocess.Popen([program, "serve"], env={**ours, "RUST_LOG": "error", **settings}, stdout=subprocess.PIPE, text=True)
    for line in server.stdout:
        if line.startswith("Tintype is ready: "):
            return server, line.split(": ")[1].strip()
    sys.exit("the server did not start")


def post(url, body, token=None):
    headers = {"content-type": "application/json", **({"authorization": f"Bearer {token}"} if token else {})}
    with urllib.request.urlopen(urllib.request.Request(url, json.dumps(body).encode(), headers)) as answer:
        return json.load(answer)
