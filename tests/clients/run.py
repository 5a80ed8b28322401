"""run.py: the clients that generators make of the document, programs that upload, and what is in `examples`, each against the real server.

What the settings for ShareX, iShare, PicGo, uPic, Obsidian, Dropshare, Shortcuts and a shell say is carried out in
`crates/api/tests/api/clients.rs`; here stand the programs themselves, where they run on this machine."""
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).parents[1]))
from throwaway import ROOT, post, serve  # noqa: E402

HERE = pathlib.Path(__file__).parent
FOLDER = ROOT / "target/clients"
DOCUMENT = ROOT / "openapi/openapi.json"
PICTURE = ROOT / "crates/imaging/fixtures/animated.gif"
BYTES = PICTURE.read_bytes()
PYTHON = FOLDER / "venv/bin/python"


def run(*command, **more):
    """What a command prints, if it succeeds."""
    done = subprocess.run([str(part) for part in command], stdout=subprocess.PIPE, text=True, **more)
    if done.returncode != 0:
        sys.exit(f"clients: {command} failed:\n{done.stdout}")
    return done.stdout


def picture(folder, name, number):
    """Another picture for each number: it stands in the palette."""
    path = pathlib.Path(folder) / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(BYTES[:13] + bytes([number]) + BYTES[14:])
    return path


def shows_a_picture(link):
    with urllib.request.urlopen(link.strip()) as answer:
        assert answer.headers["content-type"] == "image/gif", link


def typescript(url):
    node = FOLDER / "node"
    run(node / "node_modules/.bin/openapi-typescript", DOCUMENT, "-o", node / "schema.d.ts", stderr=subprocess.DEVNULL)
    shutil.copy(HERE / "story.ts", node / "story.mts")
    strict = ["--strict", "--noUncheckedIndexedAccess", "--module", "nodenext", "--target", "es2022", "--lib", "es2024,dom", "--types", "node"]
    run(node / "node_modules/.bin/tsc", *strict, "--outDir", node / "out", node / "story.mts", cwd=node)
    print(run("node", node / "out/story.mjs", url, PICTURE), end="")


def python(url):
    client = FOLDER / "python/client"
    shutil.rmtree(client.parent, ignore_errors=True)
    client.parent.mkdir()
    run(FOLDER / "venv/bin/openapi-python-client", "generate", "--path", DOCUMENT, "--output-path", client, "--meta", "none", stderr=subprocess.STDOUT)
    shutil.copy(HERE / "story.py", client.parent)
    print(run(PYTHON, client.parent / "story.py", url, PICTURE), end="")


def rust(url):
    document = FOLDER / "openapi-3.0.json"
    run(sys.executable, HERE / "down.py", DOCUMENT, document)
    environment = {**os.environ, "TINTYPE_OPENAPI_3_0": str(document), "CARGO_TARGET_DIR": str(FOLDER / "rust")}
    print(run("cargo", "run", "--quiet", "--locked", "--", url, PICTURE, cwd=HERE / "rust", env=environment), end="")


def curl(folder, url, token):
    """The three ways in which curl sends a file."""
    images, authorization = f"{url}/api/v1/images", f"Authorization: Bearer {token}"
    common = ["curl", "-sS", "--fail-with-body", "-H", authorization]
    shows_a_picture(json.loads(run(*common, "-F", f"file=@{picture(folder, 'a.gif', 1)}", images))["url"])
    shows_a_picture(run(*common, "-T", picture(folder, "b.gif", 2), f"{images}?format=text"))
    shows_a_picture(run(*common, "--data-binary", f"@{picture(folder, 'c.gif', 3)}", f"{images}?format=text&filename=c.gif"))
    print("clients: curl -F, -T and --data-binary did it")


def picgo(folder, url, token):
    settings = pathlib.Path(folder) / "picgo.json"
    request = urllib.request.Request(f"{url}/api/v1/clients/picgo", headers={"authorization": f"Bearer {token}"})
    settings.write_bytes(urllib.request.urlopen(request).read())
    environment = {**os.environ, "NODE_PATH": str(FOLDER / "node/node_modules"), "HOME": folder}
    printed = run("node", HERE / "picgo.js", settings, picture(folder, "picgo.gif", 4), env=environment)
    shows_a_picture(printed.splitlines()[-1])
    print("clients: PicGo with web-uploader did it")


def rustypaste(folder, url, token):
    config = pathlib.Path(folder) / "rustypaste.toml"
    config.write_text(f'[server]\naddress = "{url}/api/v1/images?format=text"\nauth_token = "{token}"\n[paste]\noneshot = false\n')
    printed = run(FOLDER / "bin/rpaste", "--config", config, picture(folder, "paste.gif", 5))
    shows_a_picture(re.search(r"http://\S+", printed)[0])
    print("clients: rustypaste's CLI did it")


def examples(folder, url, token):
    """Each as its first lines say."""
    paths = [picture(folder, f"{name}.gif", number) for number, name in enumerate(["one", "two"], 10)]
    printed = run(sys.executable, ROOT / "examples/upload.py", *paths, env={**os.environ, "TINTYPE_SERVER": url, "TINTYPE_TOKEN": token})
    assert len(printed.splitlines()) == 2
    for link in printed.splitlines():
        shows_a_picture(link)
    assert run(sys.executable, ROOT / "examples/upload.py", paths[0], env={**os.environ, "TINTYPE_SERVER": url, "TINTYPE_TOKEN": token}) == printed.splitlines()[0] + "\n"

    for number, name in enumerate(["a", "b", "in/c"], 20):
        picture(folder, f"public/{name}.gif", number)
    links = pathlib.Path(folder) / "links.txt"
    tt = {**os.environ, "PATH": f"{ROOT / 'target/debug'}:{os.environ['PATH']}", "TT_SERVER": url, "TT_TOKEN": token}
    for _ in range(2):
        assert run(ROOT / "examples/cron-upload", f"{folder}/public", links, env=tt) == ""
        assert len(links.read_text().splitlines()) == 3
    for link in links.read_text().splitlines():
        shows_a_picture(link)
    assert not list(pathlib.Path(folder).glob("links.txt.*"))

    text = (ROOT / "examples/github-action.yml").read_text()
    load = "import json, sys, ruamel.yaml; print(json.dumps(ruamel.yaml.YAML(typ='safe').load(sys.stdin)))"
    workflow = json.loads(run(PYTHON, "-c", load, input=text))
    [step] = [step for step in workflow["jobs"]["screenshots"]["steps"] if step.get("name") == "Upload the screenshots"]
    assert set(step["env"]) == {"SERVER", "TOKEN"}
    for number, name in enumerate(["first", "with space"], 30):
        picture(folder, f"screenshots/{name}.png", number)
    summary = pathlib.Path(folder) / "summary.md"
    # As GitHub runs it.
    run("bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"], cwd=folder, env={**os.environ, "SERVER": url, "TOKEN": token, "GITHUB_STEP_SUMMARY": str(summary)})
    written = re.findall(r"!\[(.*)\]\((.*)\)", summary.read_text())
    assert [alt.replace("\\", "") for alt, _ in written] == ["first.png", "with space.png"], written
    for _, link in written:
        shows_a_picture(link)
    print("clients: every example did what it says")


def main():
    begun = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        server, url = serve(f"{folder}/data")
        try:
            url = url.rstrip("/")
            account = {"username": "programs", "email": "programs@example.com", "password": "correct horse battery"}
            session = post(f"{url}/api/v1/auth/register", account)["token"]
            token = post(f"{url}/api/v1/me/tokens", {"name": "programs", "scopes": ["upload"]}, session)["secret"]
            for story in (typescript, python, rust):
                story(url)
            for program in (curl, picgo, rustypaste, examples):
                program(folder, url, token)
        finally:
            server.kill()
            server.wait()
    print(f"clients: all of it took {time.monotonic() - begun:.0f} s")


main()
