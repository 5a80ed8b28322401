//! CPU time, user and system, of this process and of the children that it has waited for. Linux counts it in hundredths of a second.

use std::time::Duration;

pub struct Times {
    pub own: Duration,
    pub children: Duration,
}

/// `None` where there is no `/proc`.
pub fn times() -> Option<Times> {
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    let (_, fields) = stat.rsplit_once(')')?;
    let ticks: Vec<u64> = fields
        .split_whitespace()
        .skip(11)
        .take(4)
        .filter_map(|field| field.parse().ok())
        .collect();
    let [user, system, children_user, children_system] = ticks[..] else {
        return None;
    };
    let time = |ticks: u64| Duration::from_millis(ticks * 10);
    Some(Times {
        own: time(user + system),
        children: time(children_user + children_system),
    })
}
