"""story.py URL PICTURE: what a program does with the client that openapi-python-client makes of the document, which lies beside it as `client`."""
import hashlib
import pathlib
import sys
import uuid

import httpx
from client import AuthenticatedClient, Client
from client.api.accounts import create_api_token, log_out, register_user
from client.api.images import bulk_update_images, delete_image, get_image, list_images, update_image
from client.api.uploads import confirm_upload, create_upload, put_image, upload_images
from client.models import BulkUpdateImages, ContentType, CreateApiToken, CreateUpload, Image, Problem, RegisterUser, Scope, UpdateImage, UploadForm, Visibility
from client.types import File

URL, PICTURE = sys.argv[1], pathlib.Path(sys.argv[2]).read_bytes()


def gif(number):
    """Another picture for each number: it stands in the palette."""
    return PICTURE[:13] + bytes([number]) + PICTURE[14:]


def ok(answer):
    assert answer.status_code < 300, (answer.status_code, answer.content)
    return answer.parsed


def fails(answer, code):
    assert answer.status_code >= 400 and answer.parsed.code == code, (answer.status_code, answer.content)


def file(content, name=None):
    return File(payload=content, file_name=name)


account = RegisterUser(username="python", email="python@example.com", password="correct horse battery")
person = AuthenticatedClient(URL, ok(register_user.sync_detailed(client=Client(URL), body=account)).token)
fails(register_user.sync_detailed(client=Client(URL), body=account), "email_taken")
made = ok(create_api_token.sync_detailed(client=person, body=CreateApiToken(name="story", scopes=[Scope.UPLOAD, Scope.READ])))
program = AuthenticatedClient(URL, made.secret)

first = gif(1)
body = CreateUpload(filename="a.gif", content_type=ContentType.IMAGEGIF, size_bytes=len(first), sha256=hashlib.sha256(first).hexdigest())
upload = ok(create_upload.sync_detailed(client=program, body=body))
fails(confirm_upload.sync_detailed(upload.id, client=program), "not_uploaded")
stored = httpx.request(upload.put.method, upload.put.url, headers=upload.put.headers.additional_properties, content=first)
assert stored.status_code == 200, stored.text
image = ok(confirm_upload.sync_detailed(upload.id, client=program))
assert isinstance(image, Image) and httpx.get(image.links.original).status_code == 200
assert ok(create_upload.sync_detailed(client=program, body=body)).state == "ready"

# A form, and the bytes alone.
second = ok(upload_images.sync_detailed(client=program, body=UploadForm(file=file(gif(2), "b.gif"))))
third = ok(put_image.sync_detailed(client=program, body=file(gif(3)), filename="c.gif", title="Lake"))
assert third.image.title == "Lake"
fails(upload_images.sync_detailed(client=program, body=file(b"no picture")), "unsupported_media")

listed = ok(list_images.sync_detailed(client=program, limit=2))
assert [one.id for one in listed.items] == [third.id, second.id]
rest = ok(list_images.sync_detailed(client=program, limit=2, cursor=listed.next_cursor))
assert [one.id for one in rest.items] == [image.id]

change = UpdateImage(title="Summer", visibility=Visibility.PRIVATE)
fails(update_image.sync_detailed(image.id, client=program, body=change), "insufficient_scope")
changed = ok(update_image.sync_detailed(image.id, client=person, body=change))
assert (changed.title, changed.visibility) == ("Summer", "private")
refused = update_image.sync_detailed(image.id, client=person, body=UpdateImage(title="x" * 201))
fails(refused, "validation_failed")
assert isinstance(refused.parsed, Problem) and refused.parsed.errors[0].field == "title"
bulk = ok(bulk_update_images.sync_detailed(client=person, body=BulkUpdateImages(ids=[image.id, third.id, uuid.uuid4()], change=UpdateImage(title=None))))
assert [item.outcome for item in bulk.items] == ["done", "done", "not_found"] and bulk.items[0].image.title is None

ok(delete_image.sync_detailed(image.id, client=person))
fails(get_image.sync_detailed(image.id, client=person), "not_found")
ok(log_out.sync_detailed(client=program))
fails(list_images.sync_detailed(client=program), "unauthenticated")
print("clients: Python (openapi-python-client) did it all")
