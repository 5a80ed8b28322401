//! The first steps, and what holds for every operation.

use maud::{Markup, html};
use tintype_dto::{MAX_API_TOKENS, MAX_WHOLE_FILES, Scope};

use crate::urls::Urls;

const CHAPTERS: [(&str, &str); 9] = [
    ("start", "Start"),
    ("tokens", "Tokens and sessions"),
    ("files", "Files in one request"),
    ("steps", "An upload, step by step"),
    ("lists", "Lists"),
    ("ends", "What ends"),
    ("repeats", "Requests sent again"),
    ("tags", "What has changed"),
    ("limits", "Limits"),
];

pub fn contents() -> Markup {
    html! {
        h2 { "Guide" }
        ul {
            @for (id, title) in CHAPTERS { li { a href={ "#" (id) } { (title) } } }
        }
    }
}

pub fn guide(urls: &Urls) -> Markup {
    html! {
        (start(&format!("{}/api/v1", urls.app())))
        (tokens())
        (files())
        (steps())
        section #lists {
            h2 { "Lists" }
            p {
                "Lists come in pages, newest first, and the images of an album in its order. An answer with a " code { "next_cursor" } " has more behind it: ask again with "
                code { "cursor" } " set to it and the other parameters as they were. A page stays the same while images are added."
            }
        }
        (ends())
        (repeats())
        (tags())
        section #limits {
            h2 { "Limits" }
            p {
                code { "GET /api/v1/limits" } " says what a file may be. JSON of a request has at most 64 KiB. Too many requests or tries are answered with "
                "429, a server that has too much to do with 503; both say in " code { "Retry-After" } " how many seconds to wait."
            }
            p {
                "What a token and an account may send in a minute stands in " code { "RateLimit-Policy" } " (" code { "q" } " requests in " code { "w" }
                " seconds), and what is left of it in " code { "RateLimit" } " (" code { "r" } " requests, for " code { "t" } " seconds more)."
            }
        }
    }
}

fn ends() -> Markup {
    html! {
        section #ends {
            h2 { "What ends" }
            p {
                "An image or an album with an " code { "expires_at" } " ends then, to the second: its links answer 404, lists leave the image out, and caches were "
                "told to forget it by then. Name it in an announcement, when you make an album, or in a " code { "PATCH" } "; " code { "null" } " takes it away. Files in one request "
                "say " code { "expires_in" } ", in seconds. It is a minute to ten years ahead. Give it before you give the link away: what browsers hold of an image "
                "that had no end then can't be called back."
            }
            p {
                "An image that has ended is in the trash, as if it were deleted. Restore it with another " code { "expires_at" } ", or with " code { "null" }
                "; without one, the answer is 409 " code { "image_expired" } ". An album that has ended is yours to see, and is shown again with another end; its images stay."
            }
            pre.shell tabindex="0" {
                code {
                    "curl -sS --fail-with-body -H \"Authorization: Bearer $token\" \\\n"
                    "  -F file=@photo.jpg \"$api/images?expires_in=86400\"\n"
                }
            }
        }
    }
}

fn repeats() -> Markup {
    html! {
        section #repeats {
            h2 { "Requests sent again" }
            p {
                "Who got no answer does not know what became of the request. Send " code { "POST /api/v1/uploads" } " and files in one request with an "
                code { "Idempotency-Key" } " of your own, such as a UUID, and send the same request again with the same key: it is answered with the uploads of "
                "the first, as they are by then, and nothing is there twice: what has been changed since stays so, and what has been deleted does not come back. "
                "A key is yours for 24 hours and for one request: standing at another, it is refused. A request that failed before anything came of it "
                "begins anew. Files announced many at once take no key. Confirming and changing may be sent again without one; what is deleted already is answered with 404."
            }
            pre.shell tabindex="0" {
                code {
                    "key=$(date +%s)-$RANDOM\n"
                    "curl -sS --fail-with-body --retry 5 -H \"Authorization: Bearer $token\" \\\n"
                    "  -H \"Idempotency-Key: $key\" -F file=@photo.jpg \"$api/images\"\n"
                }
            }
        }
    }
}

fn tags() -> Markup {
    html! {
        section #tags {
            h2 { "What has changed" }
            p {
                "Images and lists come with an " code { "ETag" } ". Ask again with it in " code { "If-None-Match" } ", and the answer is 304 without a body "
                "while all is as you have it. With it in " code { "If-Match" } " of a " code { "PATCH" } ", a change is made to the image as you have read it and to nothing else: "
                "when somebody was quicker, the answer is 412, and you read it again."
            }
        }
    }
}

fn start(api: &str) -> Markup {
    html! {
        section #start {
            h2 { "Start" }
            p {
                "Make an API token in the " a href="/settings" { "settings" } ", then send a picture with it. The answer has its address, and "
                "Markdown, HTML and BBCode that show it."
            }
            pre.shell tabindex="0" {
                code {
                    "api=" (api) "\n"
                    "printf 'API token: ' && read -r -s token && echo\n"
                }
            }
            pre.shell tabindex="0" {
                code {
                    "curl -sS --fail-with-body -H \"Authorization: Bearer $token\" -F file=@photo.jpg \"$api/images\"\n"
                }
            }
        }
    }
}

fn tokens() -> Markup {
    html! {
        section #tokens {
            h2 { "Tokens and sessions" }
            p {
                "An API token is for a program. It works until it is revoked or its time is up, also when you sign out everywhere, and does what its "
                "scopes say; it can't make tokens nor touch the account. Send it as " code { "Authorization: Bearer tt_..." } ", or without "
                code { "Bearer" } "; a program that can send no header puts it into the address of an upload, as " code { "?key=tt_..." }
                ", which is taken of tokens that may upload and nothing else. It is shown once: keep it where others can't read it. An account has up to " (MAX_API_TOKENS) "."
            }
            table {
                thead { tr { th { "Scope" } th { "What it allows" } } }
                tbody {
                    @for scope in Scope::ALL {
                        tr { td { code { (scope.name()) } } td { (allows(scope)) } }
                    }
                }
            }
            p {
                "A person has a session for each device: " code { "GET /api/v1/me/sessions" } " lists them, each can be ended alone, and "
                code { "POST /api/v1/auth/logout" } " ends the one that asks. So a program, too, ends its own API token."
            }
            p { "A person signs in with a password, for seven days (this takes jq, and curl 7.82 or newer):" }
            pre.shell tabindex="0" {
                code {
                    "printf 'User name: ' && read -r name && printf 'Password: ' && read -r -s password && echo\n"
                }
            }
            pre.shell tabindex="0" {
                code {
                    "session=$(jq -n --arg username \"$name\" --arg password \"$password\" '$ARGS.named' |\n"
                    "  curl -sS --fail-with-body \"$api/auth/login\" --json @- | jq -r .token)\n"
                    "curl -sS --fail-with-body -H \"Authorization: Bearer $session\" \"$api/images?limit=3\"\n"
                }
            }
        }
    }
}

fn allows(scope: Scope) -> &'static str {
    match scope {
        Scope::Upload => {
            "Uploads, into albums of the account too, and what became of them. Without read, a token sees only what it uploaded itself."
        }
        Scope::Read => "Lists, single images and albums, and the account's name and usage.",
        Scope::Write => {
            "Titles, descriptions, visibility and ends; makes albums and changes what is in them; restores what was deleted."
        }
        Scope::Delete => "Deletes images and albums.",
    }
}

fn files() -> Markup {
    html! {
        section #files {
            h2 { "Files in one request" }
            p {
                code { "POST /api/v1/images" } " takes a form in which every part with a file name is a file, up to " (MAX_WHOLE_FILES)
                ", or the bytes of one file; so does " code { "PUT" } ", for " code { "curl -T" } ". The type is found in the bytes. Each file is answered "
                "on its own: when one is refused, the status and the words are about the first that was, and the answer names what was published. Scripts "
                "of web pages may send files there from every origin (CORS), with a token."
            }
            p {
                "Options are query parameters, fields of the form, or headers as " code { "X-Tintype-Title" } ": " code { "filename" } ", "
                code { "title" } ", " code { "alt" } " (what the picture shows, for those who can't see it), " code { "visibility" } " ("
                code { "unlisted" } " or " code { "private" } "), " code { "expires_in" } " (seconds), " code { "album" } " (the id of one of yours, or the name in its link), and " code { "format=text" } ", which answers with one address a line. They hold for each file, and all but the name for a picture that is yours already; a field of the form goes before "
                "the address, and that before a header. Links to a private image work for some minutes. " code { "curl -T" } " sends no name, so give one."
            }
            p {
                "For ShareX, iShare, PicGo, uPic, Obsidian, Dropshare, Shortcuts and a shell there are files that set them up: the settings offer them with a "
                "new token, and " code { "GET /api/v1/clients/sharex" } " answers with the token that asks inside."
            }
            p {
                "What a token uploads comes with a " code { "delete_url" } ": a page with a button that deletes the picture, which also takes "
                code { "DELETE" } ". Whoever has it can delete, until the token is revoked."
            }
            pre.shell tabindex="0" {
                code {
                    "curl -sS --fail-with-body -H \"Authorization: Bearer $token\" \\\n"
                    "  -T photo.jpg \"$api/images?filename=photo.jpg&format=text\"\n"
                }
            }
        }
    }
}

fn steps() -> Markup {
    html! {
        section #steps {
            h2 { "An upload, step by step" }
            p { "What the page does, and what suits large files: their bytes go straight to the store." }
            ol {
                li { "Announce the file. The answer says where it goes. With " code { "sha256" } ", a picture that is yours already is answered with 200 and needs no more." }
                li {
                    "PUT the bytes there, with the headers of the answer and no others. The address carries its own signature: an "
                    code { "Authorization" } " header makes the store refuse it."
                }
                li { "Confirm. The picture is checked, freed of what it gives away, and published; 202 means that it is still in line." }
            }
            pre.shell tabindex="0" {
                code {
                    "upload=$(jq -n --argjson size_bytes \"$(wc -c < photo.jpg)\" \\\n"
                    "    '{filename: \"photo.jpg\", content_type: \"image/jpeg\", $size_bytes}' |\n"
                    "  curl -sS --fail-with-body -H \"Authorization: Bearer $token\" --json @- \"$api/uploads\")\n"
                    "jq -r '.put.headers | to_entries[] | \"\\(.key): \\(.value)\"' <<< \"$upload\" |\n"
                    "  curl -sS --fail-with-body -H @- -T photo.jpg \"$(jq -r .put.url <<< \"$upload\")\"\n"
                    "curl -sS --fail-with-body -H \"Authorization: Bearer $token\" -X POST \\\n"
                    "  \"$api/uploads/$(jq -r .id <<< \"$upload\")/confirm\"\n"
                }
            }
        }
    }
}
