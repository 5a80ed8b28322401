//! Pictures that are uploaded into an album.

use serde_json::{Value, json};

use crate::machine::Machine;
use crate::pictures::picture;
use crate::server::{Server, fetch};

fn albums(server: &Server, session: &str) -> Vec<Value> {
    let list = server.ask(session, "GET", "/albums", None);
    list["items"].as_array().unwrap().clone()
}

/// The file names of what is in an album, in its order.
fn names(server: &Server, session: &str, album: &Value) -> Vec<String> {
    let path = format!("/albums/{}/images", album["id"].as_str().unwrap());
    let list = server.ask(session, "GET", &path, None);
    let items = list["items"].as_array().unwrap().iter();
    items
        .map(|image| image["filename"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn uploads_make_an_album_and_its_link_comes_last() {
    let server = Server::start();
    let (machine, session) = Machine::logged_in(&server, "ada");
    for (name, seed) in [("b.gif", 1), ("a.gif", 2), ("c.gif", 3)] {
        machine.write(name, &picture(seed));
    }
    let printed = machine
        .tt(&["upload", "--album", "A week", "b.gif", "a.gif"])
        .done();
    let lines: Vec<_> = printed.lines().collect();
    let made = albums(&server, &session);
    assert_eq!((lines.len(), made.len()), (3, 1));
    assert_eq!(made[0]["title"], "A week");
    assert_eq!(made[0]["links"]["page"], lines[2]);
    assert_eq!(names(&server, &session, &made[0]), ["b.gif", "a.gif"]);
    let (status, page) = fetch(lines[2]);
    assert!(status == 200 && String::from_utf8_lossy(&page).contains("2 pictures"));

    // By its slug, its link and its title: behind what is in it, and nothing twice.
    let slug = made[0]["slug"].as_str().unwrap();
    for (name, file) in [(slug, "c.gif"), (lines[2], "a.gif"), ("A week", "b.gif")] {
        let again = machine.tt(&["upload", "--quiet", "-a", name, file]).done();
        assert_eq!(again.lines().last(), Some(lines[2]), "{name}");
    }
    assert_eq!(albums(&server, &session).len(), 1);
    assert_eq!(
        names(&server, &session, &made[0]),
        ["b.gif", "a.gif", "c.gif"]
    );
    let told = machine
        .tt(&["upload", "--quiet", "--format", "json", "-a", slug, "a.gif"])
        .done();
    let album: Value = serde_json::from_str(told.lines().last().unwrap()).unwrap();
    assert_eq!(album["slug"], slug);
}

#[test]
fn an_album_has_what_arrived_and_none_is_made_of_nothing() {
    let server = Server::start();
    let (machine, session) = Machine::logged_in(&server, "ada");
    machine.write("a.gif", &picture(1));
    machine.write("no.gif", b"no picture");
    machine
        .tt(&["upload", "--album", "A week", "no.gif"])
        .failed(1);
    assert!(albums(&server, &session).is_empty());
    let said = machine.tt(&["upload", "--album", "A week", "no.gif", "a.gif"]);
    assert_eq!((said.status, said.out.lines().count()), (1, 2));
    let made = albums(&server, &session);
    assert_eq!(names(&server, &session, &made[0]), ["a.gif"]);
    for (name, words) in [
        (
            "https://img.example.com/a/none",
            "You have no album https://img.example.com/a/none.",
        ),
        ("a\nb", "Keep the title on one line."),
        (" ", "You have no album  ."),
    ] {
        let said = machine.tt(&["upload", "--album", name, "a.gif"]).failed(1);
        assert!(said.contains(words), "{said}");
    }
    assert_eq!(albums(&server, &session).len(), 1);
}

#[test]
fn an_album_of_private_pictures_is_private() {
    let server = Server::start();
    let (machine, session) = Machine::logged_in(&server, "ada");
    machine.write("a.gif", &picture(1));
    let said = machine.tt(&["upload", "--private", "--album", "Mine", "a.gif"]);
    assert!(
        said.err.contains("the album is private: it has no link"),
        "{}",
        said.err
    );
    assert_eq!(said.done().lines().count(), 1);
    assert_eq!(albums(&server, &session)[0]["visibility"], "private");
}

#[test]
fn an_album_is_found_by_its_slug_behind_hundreds_of_others() {
    let server = Server::start();
    let (machine, session) = Machine::logged_in(&server, "ada");
    let make =
        |title: String| server.ask(&session, "POST", "/albums", Some(&json!({"title": title})));
    let first = make("0".into())["album"].clone();
    for n in 1..=201 {
        make(n.to_string());
    }
    machine.write("a.gif", &picture(1));
    let slug = first["slug"].as_str().unwrap();
    machine.tt(&["upload", "--album", slug, "a.gif"]).done();
    assert_eq!(names(&server, &session, &first), ["a.gif"]);
}
