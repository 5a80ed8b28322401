//! Many files at once.

use std::fs;

use crate::machine::Machine;
use crate::pictures::{fixture, picture};
use crate::server::Server;

#[test]
fn the_pictures_of_a_folder_go_up_at_any_depth_in_their_order() {
    let server = Server::start();
    let (machine, _) = Machine::logged_in(&server, "ada");
    for (number, name) in (0..).zip(["a.gif", "b.GIF", "c/d/e.gif", "c/d/f.gif", "z.gif"]) {
        machine.write(&format!("trip/{name}"), &picture(number));
    }
    machine.write("trip/notes.txt", b"words");
    machine.write("trip/.hidden.gif", &picture(9));
    machine.write("trip/.git/inside.gif", &picture(10));
    std::os::unix::fs::symlink(machine.path("trip"), machine.path("trip/circle")).unwrap();
    let said = machine.tt(&["upload", "trip", "--format", "json"]);
    assert!(
        said.err
            .contains("3 files that are no pictures are left out"),
        "{}",
        said.err
    );
    let printed = said.done();
    let names: Vec<_> = printed
        .lines()
        .map(|line| {
            serde_json::from_str::<serde_json::Value>(line).unwrap()["filename"]
                .as_str()
                .unwrap()
                .to_owned()
        })
        .collect();
    assert_eq!(names, ["a.gif", "b.GIF", "z.gif", "e.gif", "f.gif"]);
}

#[test]
fn one_that_is_refused_leaves_the_others_alone() {
    let server = Server::start();
    let (machine, _) = Machine::logged_in(&server, "ada");
    machine.write("a.gif", &picture(1));
    machine.write("b.jpg", b"no picture");
    machine.write("c.jpg", &fixture("landscape.jpg")[..5000]);
    machine.write("d.gif", &picture(4));
    machine.write("empty.png", b"");
    let said = machine.tt(&["upload", "a.gif", "b.jpg", "c.jpg", "d.gif", "empty.png"]);
    assert_eq!(
        (said.status, said.out.lines().count()),
        (1, 2),
        "{}",
        said.err
    );
    for line in [
        "b.jpg: ",
        "c.jpg: The picture is damaged",
        "empty.png: ",
        "tt: 2 of 5 done",
    ] {
        assert!(said.err.contains(line), "{line}: {}", said.err);
    }
    assert_eq!(server.stored(200), 2, "nothing of the others was sent");
}

#[test]
fn a_folder_that_cannot_be_read_is_named_and_leaves_the_others_alone() {
    let server = Server::start();
    let (machine, _) = Machine::logged_in(&server, "ada");
    // Deeper than a path may name, built from the inside.
    let name = "x".repeat(250);
    fs::create_dir(machine.path("inner")).unwrap();
    for _ in 0..20 {
        fs::create_dir(machine.path("outer")).unwrap();
        let within = machine.path(&format!("outer/{name}"));
        fs::rename(machine.path("inner"), within).unwrap();
        fs::rename(machine.path("outer"), machine.path("inner")).unwrap();
    }
    fs::create_dir_all(machine.path("all/empty")).unwrap();
    fs::rename(machine.path("inner"), machine.path("all/deep")).unwrap();
    machine.write("all/a.gif", &picture(1));
    machine.write("all/z/z.gif", &picture(2));
    let said = machine.tt(&["upload", "all", "all/empty"]);
    assert_eq!(
        (said.status, said.out.lines().count()),
        (5, 2),
        "{}",
        said.err
    );
    for line in [
        &format!("\nall/deep/{name}/{name}/")[..],
        "no pictures in all/empty\n",
        "tt: 2 of 4 done",
    ] {
        assert!(
            format!("\n{}", said.err).contains(line),
            "{line}: {}",
            said.err
        );
    }
}

#[test]
fn what_has_no_end_is_not_read_to_its_end() {
    let server = Server::start();
    let (machine, _) = Machine::logged_in(&server, "ada");
    machine.tt(&["upload", "/dev/zero"]).failed(1);
}

#[test]
fn the_same_picture_many_times_becomes_one_image_by_name() {
    let server = Server::start();
    let (machine, _) = Machine::logged_in(&server, "ada");
    for n in 0..12 {
        machine.write(&format!("all/{n}/same.gif"), &picture(1));
    }
    let printed = machine.tt(&["upload", "all"]).done();
    let mut lines: Vec<_> = printed.lines().collect();
    assert_eq!(lines.len(), 12);
    lines.dedup();
    assert_eq!(lines.len(), 1, "{printed}");
    // Under different names, which the announcement holds, four would be on their way at once.
    for n in 0..12 {
        machine.write(&format!("others/{n}.gif"), &picture(2));
    }
    machine.tt(&["upload", "others"]).done();
    assert_eq!(server.stored(200), 2);
    assert_eq!(machine.tt(&["list"]).done().lines().count(), 2);
}

#[test]
fn a_long_list_is_read_page_by_page() {
    let server = Server::start();
    let (machine, _) = Machine::logged_in(&server, "ada");
    for number in 0..205 {
        machine.write(&format!("all/{number:03}.gif"), &picture(number));
    }
    let uploaded = machine.tt(&["upload", "all", "--quiet"]).done();
    let listed = machine
        .tt(&["list", "--limit", "300", "--format", "url"])
        .done();
    let sorted = |text: &str| {
        let mut lines: Vec<_> = text.lines().map(str::to_owned).collect();
        lines.sort();
        lines
    };
    assert_eq!(sorted(&listed), sorted(&uploaded));
    let three = machine.tt(&["list", "-n", "3"]);
    assert!(
        three
            .err
            .contains("there are more than these 3: `--limit N`"),
        "{}",
        three.err
    );
    assert_eq!(three.done().lines().count(), 3);
    assert_eq!(machine.tt(&["list", "-n", "205"]).err, "");
}
