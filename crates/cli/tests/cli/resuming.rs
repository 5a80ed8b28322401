//! Killed in the middle, and started again.

use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::machine::Machine;
use crate::pictures::picture;
use crate::server::Server;

#[test]
fn what_was_killed_in_the_middle_sends_only_what_is_missing() {
    const FILES: u8 = 40;
    let server = Server::start();
    let (machine, session) = Machine::logged_in(&server, "ada");
    for number in 0..FILES {
        machine.write(&format!("all/{number:02}.gif"), &picture(number));
    }
    // Killed again and again, a little later each time, in whatever it does at that moment.
    for turn in 1..=4 {
        let mut child = machine.command().args(["upload", "all"]).spawn().unwrap();
        let (wanted, deadline) = (turn * 7, Instant::now() + Duration::from_mins(1));
        while server.stored(200) < wanted {
            assert!(Instant::now() < deadline, "{} stored", server.stored(200));
            sleep(Duration::from_millis(2));
        }
        child.kill().unwrap();
        child.wait().unwrap();
    }
    let printed = machine.tt(&["upload", "all"]).done();
    assert_eq!(printed.lines().count(), usize::from(FILES));
    assert_eq!(
        (server.stored(200), server.stored(412)),
        (usize::from(FILES), 0),
        "each was sent once"
    );
    let me = server.ask(&session, "GET", "/me", None);
    assert_eq!(me["usage"]["images"], FILES);
    let size = server.ask(&session, "GET", "/images?limit=1", None)["items"][0]["size_bytes"]
        .as_u64()
        .unwrap();
    assert_eq!(
        me["usage"]["bytes"],
        size * u64::from(FILES),
        "nothing is left half done: {me}"
    );
}
