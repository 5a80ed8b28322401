//! The first steps, and what holds for every operation.

use maud::{Markup, html};

use crate::urls::Urls;

const CHAPTERS: [(&str, &str); 4] = [
    ("start", "Start"),
    ("uploads-in-three", "An upload, step by step"),
    ("lists", "Lists"),
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
    let api = format!("{}/api/v1", urls.app());
    html! {
        (start(&api))
        (three_requests(&api))
        section #lists {
            h2 { "Lists" }
            p {
                "Lists come in pages, newest first. An answer with a " code { "next_cursor" } " has more behind it: ask again with "
                code { "cursor" } " set to it and the other parameters as they were. A page stays the same while images are added."
            }
        }
        section #limits {
            h2 { "Limits" }
            p {
                code { "GET /api/v1/limits" } " says what a file may be. JSON of a request has at most 64 KiB. Too many tries are answered with 429, "
                "a server that has too much to do with 503; both say in " code { "Retry-After" } " how many seconds to wait."
            }
        }
    }
}

fn start(api: &str) -> Markup {
    html! {
        section #start {
            h2 { "Start" }
            p { "Requests carry a session's token. It is good for seven days, or until you sign out everywhere." }
            pre.shell {
                code {
                    "api=" (api) "\n"
                    "read -r -p 'User name: ' name && read -r -s -p 'Password: ' password\n"
                    "token=$(jq -n --arg username \"$name\" --arg password \"$password\" '$ARGS.named' |\n"
                    "  curl -sS --fail-with-body \"$api/auth/login\" --json @- | jq -r .token)\n"
                    "curl -sS \"$api/images?limit=3\" -H \"Authorization: Bearer $token\"\n"
                }
            }
        }
    }
}

fn three_requests(api: &str) -> Markup {
    html! {
        section #uploads-in-three {
            h2 { "An upload, step by step" }
            ol {
                li { "Announce the file. The answer says where it goes; a picture that is yours already is answered with 200 and needs no more." }
                li {
                    "PUT the bytes there, with the headers of the answer and no others. The address carries its own signature: an "
                    code { "Authorization" } " header makes the store refuse it."
                }
                li { "Confirm. The picture is checked, freed of what it gives away, and published; 202 means that it is still in line." }
            }
            pre.shell {
                code {
                    "file=photo.jpg api=" (api) "\n"
                    "upload=$(jq -n --arg filename \"$file\" --arg content_type image/jpeg --argjson size_bytes \"$(wc -c < \"$file\")\" '$ARGS.named' |\n"
                    "  curl -sS --fail-with-body \"$api/uploads\" -H \"Authorization: Bearer $token\" --json @-)\n"
                    "jq -r '.put.headers | to_entries[] | \"\\(.key): \\(.value)\"' <<< \"$upload\" |\n"
                    "  curl -sS --fail-with-body -T \"$file\" -H @- \"$(jq -r .put.url <<< \"$upload\")\"\n"
                    "curl -sS --fail-with-body -X POST \"$api/uploads/$(jq -r .id <<< \"$upload\")/confirm\" -H \"Authorization: Bearer $token\" |\n"
                    "  jq -r .links.original\n"
                }
            }
        }
    }
}
