// What a program does with the client that openapi-typescript and openapi-fetch make of the document: `node story.js URL`, and prints a line when
// all of it went well.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import createClient, { type Client } from "openapi-fetch";
import type { components, paths } from "./schema.js";

type Code = components["schemas"]["ProblemCode"];
type Answer<T> = { data?: T; error?: { code: Code }; response: Response };
const [, , url = "", picture = ""] = process.argv;
const bytes = readFileSync(picture);

function api(token?: string): Client<paths> {
    return createClient<paths>({ baseUrl: url, headers: token ? { Authorization: `Bearer ${token}` } : {} });
}

function ok<T>({ data, error, response }: Answer<T>): T {
    assert.ok(response.ok, `${response.url}: ${response.status} ${JSON.stringify(error)}`);
    return data as T;
}

function fails(answer: Answer<unknown>, code: Code): void {
    assert.equal(answer.error?.code, code);
}

/** JSON, as nothing else was asked for. */
function json<T>(answer: T | string): T {
    assert.ok(typeof answer !== "string");
    return answer;
}

/** Another picture for each number: it stands in the palette. */
function gif(number: number): Uint8Array<ArrayBuffer> {
    const other = Uint8Array.from(bytes);
    other[13] = number;
    return other;
}

async function put(target: components["schemas"]["PutTarget"], body: Uint8Array<ArrayBuffer>): Promise<void> {
    const stored = await fetch(target.url, { method: target.method, headers: target.headers, body });
    assert.equal(stored.status, 200, await stored.text());
}

const account = { username: "typescript", email: "typescript@example.com", password: "correct horse battery" };
const person = api(ok(await api().POST("/api/v1/auth/register", { body: account })).token);
fails(await api().POST("/api/v1/auth/register", { body: account }), "email_taken");
const made = ok(await person.POST("/api/v1/me/tokens", { body: { name: "story", scopes: ["upload", "read"] } }));
const program = api(made.secret);

const first = gif(1);
const body = { filename: "a.gif", content_type: "image/gif", size_bytes: first.length, sha256: createHash("sha256").update(first).digest("hex") } as const;
const upload = ok(await program.POST("/api/v1/uploads", { body }));
const confirm = { params: { path: { id: upload.id } } };
fails(await program.POST("/api/v1/uploads/{id}/confirm", confirm), "not_uploaded");
assert.ok(upload.put);
await put(upload.put, first);
const image = ok(await program.POST("/api/v1/uploads/{id}/confirm", confirm));
assert.ok("links" in image);
assert.equal((await fetch(image.links.original)).status, 200);
assert.equal(ok(await program.POST("/api/v1/uploads", { body })).state, "ready");

// A form, and the bytes alone.
const form = new FormData();
form.append("file", new Blob([gif(2)]), "b.gif");
const inForm = { body: form as unknown as components["schemas"]["UploadForm"], bodySerializer: () => form };
const second = json(ok(await program.POST("/api/v1/images", inForm)));
const octets = { "Content-Type": "application/octet-stream" };
const send = (body: Uint8Array<ArrayBuffer>) => ({ params: { query: { filename: "c.gif", title: "Lake" } }, body: "", bodySerializer: () => body, headers: octets });
const third = json(ok(await program.PUT("/api/v1/images", send(gif(3)))));
assert.equal(third.image?.title, "Lake");
fails(await program.POST("/api/v1/images", send(new TextEncoder().encode("no picture"))), "unsupported_media");

const listed = ok(await program.GET("/api/v1/images", { params: { query: { limit: 2 } } }));
assert.deepEqual(listed.items.map((one) => one.id), [third.id, second.id]);
const rest = ok(await program.GET("/api/v1/images", { params: { query: { limit: 2, cursor: listed.next_cursor ?? "" } } }));
assert.deepEqual(rest.items.map((one) => one.id), [image.id]);

const change = { params: { path: { id: image.id } }, body: { title: "Summer", visibility: "private" } } as const;
fails(await program.PATCH("/api/v1/images/{id}", change), "insufficient_scope");
const changed = ok(await person.PATCH("/api/v1/images/{id}", change));
assert.deepEqual([changed.title, changed.visibility], ["Summer", "private"]);
fails(await person.PATCH("/api/v1/images/{id}", { ...change, body: { title: "x".repeat(201) } }), "validation_failed");
const ids = [image.id, third.id ?? "", upload.id.replace(/^.{8}/, "00000000")];
const bulk = ok(await person.POST("/api/v1/images/bulk/update", { body: { ids, change: { title: null } } }));
assert.deepEqual(bulk.items.map((item) => item.outcome), ["done", "done", "not_found"]);
assert.equal(bulk.items[0]?.image?.title, null);

const named = { params: { path: { id: image.id } } };
ok(await person.DELETE("/api/v1/images/{id}", named));
fails(await person.GET("/api/v1/images/{id}", named), "not_found");
ok(await program.POST("/api/v1/auth/logout"));
fails(await program.GET("/api/v1/images"), "unauthenticated");
console.log("clients: TypeScript (openapi-typescript, openapi-fetch) did it all");
