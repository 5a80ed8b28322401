//! Places where a test kills the process: `failpoint("confirm.taken")`.

/// Marks a step of work on an object or its row. Does nothing, unless this crate is built with its feature `failpoints`, which only tests
/// enable.
///
/// With it, `FAILPOINTS="confirm.taken=return"` makes the process kill itself (SIGKILL, so that nothing more runs) at this point;
/// `2*off->return` at the third time. See the crate `fail` for more.
#[cfg(not(feature = "failpoints"))]
#[inline]
pub const fn failpoint(_name: &'static str) {}

/// Kills this process if `FAILPOINTS` says so.
#[cfg(feature = "failpoints")]
pub fn failpoint(name: &'static str) {
    static READ_ENVIRONMENT: std::sync::Once = std::sync::Once::new();
    // Forgotten, because dropping it would undo the setup.
    READ_ENVIRONMENT.call_once(|| std::mem::forget(fail::FailScenario::setup()));
    if fail::eval(name, |_| ()).is_some() {
        let killed =
            rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::KILL);
        tracing::error!(?killed, name, "alive after a SIGKILL");
    }
}
