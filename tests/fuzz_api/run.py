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

sys.path.insert(0, str(pathlib.Path(__file__).parents[1]))
from throwaway import ROOT, post, serve  # noqa: E402

HERE = pathlib.Path(__file__).parent
FOLDER = ROOT / "target/schemathesis"
# The fewest cases that are worth the name.
FEWEST = 2000
# What would end the session or the token that the rest of its run needs.
ENDS_IT = {"session": ["log_out", "log_out_everywhere", "end_session"], "token": ["log_out"], "nobody": []}


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
    for name in ENDS_IT[who]:
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
