"""upload.py FILE...: uploads pictures straight to the store, in three steps, and prints their links. TINTYPE_SERVER and TINTYPE_TOKEN say where."""
import hashlib, json, mimetypes, os, pathlib, sys, time, urllib.request

API = os.environ["TINTYPE_SERVER"].rstrip("/") + "/api/v1"


def call(path, body=None):
    headers = {"Authorization": "Bearer " + os.environ["TINTYPE_TOKEN"], "Content-Type": "application/json"}
    data = json.dumps(body).encode() if body else None
    with urllib.request.urlopen(urllib.request.Request(API + path, data, headers, method="POST")) as answer:
        return answer.status, answer.headers, json.load(answer)


def upload(path):
    data = path.read_bytes()
    kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    file = {"filename": path.name, "content_type": kind, "size_bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
    _, _, announced = call("/uploads", file)
    if "image" in announced:  # It is there already.
        return announced["image"]
    put = announced["put"]
    urllib.request.urlopen(urllib.request.Request(put["url"], data, put["headers"], method=put["method"])).close()
    while True:
        status, headers, answer = call(f"/uploads/{announced['id']}/confirm")
        if status == 200:
            return answer
        time.sleep(int(headers["Retry-After"]))


for name in sys.argv[1:]:
    print(upload(pathlib.Path(name))["links"]["original"])
