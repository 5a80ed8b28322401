"""fuzz-api [SECONDS]: lets Schemathesis make requests of all kinds from the document, chains of them too, and check every answer against it: with
a session, with an API token, and with neither. The server is a throwaway one. Without SECONDS it makes the same requests every time, some
thousands in all; with SECONDS each of the three goes on for so long, from a seed that it prints."""
import json
import os
import pathlib
import secrets
import subprocess
import sys
import tempfile
import urllib.request

ROOT = pathlib.Path(__file__).parents[2]
HERE = pathlib.Path(__file__).parent
FOLDER = ROOT / "target/schemathesis"
# The fewest cases that are worth the name.
FEWEST = 2000
# What would end the session that the rest of its run needs.
ENDS_THE_SESSION = ["log_out", "log_out_everywhere", "end_session"]
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
    sys.exit("fuzz-api: the server did not start")


def post(url, body, token=None):
    headers = {"content-type": "application/json", **({"authorization": f"Bearer {token}"} if token else {})}
    with urllib.request.urlopen(urllib.request.Request(url, json.dumps(body).encode(), headers)) as answer:
        return json.load(answer)


def credentials(api):
    """A session and an API token of an account that is new."""
    account = {"username": "fuzz", "email": "fuzz@example.com", "password": secrets.token_hex(20)}
    session = post(f"{api}/auth/register", account)["token"]
    scopes = ["upload", "read", "write", "delete"]
    token = post(f"{api}/me/tokens", {"name": "fuzz", "scopes": scopes}, session)["secret"]
    return {"session": session, "token": token, "nobody": None}


def fuzz(url, who, credential, seconds):
    """How many cases ran, and whether all of them were answered as documented."""
    report = FOLDER / f"{who}.json"
    report.unlink(missing_ok=True)
    command = [FOLDER / "bin/schemathesis", "--config-file", HERE / "schemathesis.toml", "run", f"{url}/openapi.json"]
    for name in ENDS_THE_SESSION if who == "session" else []:
        command += ["--exclude-operation-id", name]
    command += ["--header", f"Authorization: Bearer {credential}"] if credential else []
    command += ["--max-time", seconds, "--max-examples", "1000"] if seconds else ["--seed", "1", "--max-examples", "15" if credential else "5"]
    command += ["--report", "json", "--report-json-path", report, "--generation-database", "none", "--continue-on-failure", "--no-color"]
    environment = {**os.environ, "SCHEMATHESIS_HOOKS": "hooks", "PYTHONPATH": str(HERE)}
    done = subprocess.run([str(part) for part in command], env=environment, cwd=FOLDER, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    (FOLDER / f"{who}.log").write_text(done.stdout)
    if not report.exists():
        sys.exit(done.stdout)
    told = json.loads(report.read_text())
    cases, seed = told["test_cases"]["generated"], told["seed"]
    print(f"fuzz-api: {cases} cases with {who}, {told['running_time']:.0f} s, seed {seed}", flush=True)
    if done.returncode != 0:
        print(done.stdout)
    return cases, done.returncode == 0


def main():
    seconds = sys.argv[1] if len(sys.argv) > 1 else None
    with tempfile.TemporaryDirectory() as folder:
        server, url = serve(folder)
        try:
            found = [fuzz(url, who, credential, seconds) for who, credential in credentials(f"{url}/api/v1").items()]
        finally:
            server.kill()
            server.wait()
    cases = sum(cases for cases, _ in found)
    print(f"fuzz-api: {cases} cases in all")
    if not all(fine for _, fine in found):
        sys.exit("fuzz-api: some answers are not what the document says: see above")
    if cases < FEWEST:
        sys.exit(f"fuzz-api: those are too few: {FEWEST} at least")


main()
