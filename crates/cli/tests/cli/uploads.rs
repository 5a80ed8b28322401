//! What is uploaded, and what is said of it.

use serde_json::Value;

use crate::machine::Machine;
use crate::pictures::{fixture, picture};
use crate::server::{Server, fetch};

fn images(server: &Server, session: &str) -> Vec<Value> {
    server.ask(session, "GET", "/images", None)["items"]
        .as_array()
        .unwrap()
        .clone()
}

#[test]
fn a_picture_is_cleaned_before_it_is_sent_and_its_owner_is_told() {
    let server = Server::start();
    let (machine, session) = Machine::logged_in(&server, "ada");
    let bytes = fixture("portrait-gps.jpg");
    machine.write("home.jpg", &bytes);
    let said = machine.tt(&["upload", "home.jpg"]);
    assert!(
        said.err.starts_with("home.jpg: removed location, "),
        "{}",
        said.err
    );
    let link = said.done();
    let removed = images(&server, &session)[0]["removed"]
        .as_array()
        .unwrap()
        .clone();
    assert!(
        !removed.is_empty() && removed.iter().all(|removed| removed["by"] == "client"),
        "{removed:?}"
    );
    let published = fetch(link.trim()).1;
    assert!(!published.is_empty() && published != bytes);
    assert_eq!(machine.tt(&["upload", "--quiet", "home.jpg"]).err, "");
}

#[test]
fn what_is_there_is_not_sent_again() {
    let server = Server::start();
    let (machine, session) = Machine::logged_in(&server, "ada");
    machine.write("a.gif", &picture(1));
    let link = machine.tt(&["upload", "a.gif"]).done();
    assert_eq!(server.stored(200), 1);
    let again = machine.tt(&["upload", "a.gif"]);
    assert!(again.err.contains("there already"), "{}", again.err);
    assert_eq!(again.done(), link);
    // Under another name, and with what is cut from it anyway.
    machine.write("b.gif", &[&picture(1)[..], b"behind the end"].concat());
    assert_eq!(machine.tt(&["upload", "b.gif"]).done(), link);
    assert_eq!((server.stored(200), server.stored(412)), (1, 0));
    // What was deleted is wanted again.
    machine.tt(&["delete", link.trim()]).done();
    assert_ne!(machine.tt(&["upload", "a.gif"]).done(), link);
    assert_eq!(
        (server.stored(200), images(&server, &session).len()),
        (2, 1)
    );
}

#[test]
fn every_form_shows_the_picture_and_standard_output_holds_nothing_else() {
    let server = Server::start();
    let (machine, session) = Machine::logged_in(&server, "ada");
    let print = |format: &str| {
        machine
            .tt_with(
                &["upload", "-", "--name", "screen.gif", "--format", format],
                &picture(1),
            )
            .done()
    };
    let json: Value = serde_json::from_str(&print("json")).unwrap();
    assert_eq!(json, images(&server, &session)[0]);
    assert_eq!(json["filename"], "screen.gif");
    let (link, page) = (
        json["links"]["original"].as_str().unwrap(),
        json["links"]["page"].as_str().unwrap(),
    );
    assert_eq!(print("url"), format!("{link}\n"));
    assert_eq!(print("md"), format!("![]({link})\n"));
    assert!(print("html").starts_with(&format!("<a href=\"{page}\"><img src=\"{link}\"")));
    assert_eq!(
        print("bbcode"),
        format!("[url={page}][img]{link}[/img][/url]\n")
    );
}

#[test]
fn a_private_picture_is_private_from_the_beginning() {
    let server = Server::start();
    let (machine, session) = Machine::logged_in(&server, "ada");
    machine.write("a.gif", &picture(1));
    let link = machine.tt(&["upload", "--private", "a.gif"]).done();
    let again = machine.tt(&["upload", "--quiet", "a.gif"]);
    let warning = "it was there already, and is private: this link works for 5 minutes";
    assert!(again.err.contains(warning), "{}", again.err);
    let (bare, signature) = link.trim().split_once('?').unwrap();
    assert!(!signature.is_empty());
    assert_eq!((fetch(link.trim()).0, fetch(bare).0), (200, 404));
    assert_eq!(images(&server, &session)[0]["visibility"], "private");
    // One that was visible is hidden.
    machine.write("b.gif", &picture(2));
    let visible = machine.tt(&["upload", "b.gif"]).done();
    assert_eq!(fetch(visible.trim()).0, 200);
    let hidden = machine.tt(&["upload", "--private", "b.gif"]);
    let warning = "it was there already, and is private from now on: its old link no longer works";
    assert!(hidden.err.contains(warning), "{}", hidden.err);
    hidden.done();
    assert!(
        images(&server, &session)
            .iter()
            .all(|image| image["visibility"] == "private")
    );
}
