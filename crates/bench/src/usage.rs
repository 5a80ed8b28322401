//! CPU time in a window: of the server, of the database, and of everything else.

use std::time::{Duration, Instant};

use anyhow::Result;

use crate::processes::{cpu_of_machine, cpu_of_tree};

/// Whose CPU time is looked at.
#[derive(Clone, Copy)]
pub struct Watched {
    pub server: u32,
    pub database: u32,
}

/// What they had used at one moment, or use in a window.
#[derive(Clone, Copy, Debug)]
pub struct Usage {
    pub server: Duration,
    pub database: Duration,
    generator: Duration,
    machine: Duration,
}

/// The beginning of a window.
pub struct Window {
    watched: Watched,
    begun: Instant,
    before: Usage,
}

impl Watched {
    fn now(self) -> Result<Usage> {
        Ok(Usage {
            server: cpu_of_tree(self.server)?,
            database: cpu_of_tree(self.database)?,
            generator: cpu_of_tree(std::process::id())?,
            machine: cpu_of_machine()?,
        })
    }

    pub fn begin(self) -> Result<Window> {
        Ok(Window {
            watched: self,
            before: self.now()?,
            begun: Instant::now(),
        })
    }
}

impl Window {
    /// What was used since it began, and how long that was.
    pub fn end(&self) -> Result<(Usage, Duration)> {
        let (took, after, before) = (self.begun.elapsed(), self.watched.now()?, self.before);
        let used = Usage {
            server: after.server.saturating_sub(before.server),
            database: after.database.saturating_sub(before.database),
            generator: after.generator.saturating_sub(before.generator),
            machine: after.machine.saturating_sub(before.machine),
        };
        Ok((used, took))
    }
}

/// How many cores were busy: with the server, with the database, with asking, and with anything else.
pub struct Cores {
    pub server: f64,
    pub database: f64,
    pub asking: f64,
    pub other: f64,
}

impl Usage {
    pub fn cores(&self, took: Duration) -> Cores {
        let part = |time: Duration| time.as_secs_f64() / took.as_secs_f64();
        // The server is a child of the process that asks, and counted with it.
        let ours = self.generator + self.database;
        Cores {
            server: part(self.server),
            database: part(self.database),
            asking: part(self.generator.saturating_sub(self.server)),
            other: part(self.machine.saturating_sub(ours)),
        }
    }
}
