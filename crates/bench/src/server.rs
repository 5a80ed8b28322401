//! A server that is measured.

use std::net::SocketAddr;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use tokio::process::Child;

use crate::lane::Lane;
use crate::request::Request;
use crate::usage::Watched;

/// The first thing that is asked: it needs no session.
const READY: &str = "/api/v1/limits";
const END_TIME: Duration = Duration::from_secs(5);

/// A server that answers. It is killed when this is dropped, and has ended by then.
pub struct Server {
    pub watched: Watched,
    child: Child,
    app: SocketAddr,
    media: SocketAddr,
}

impl Server {
    /// One that has been started to listen there, beside this database.
    pub fn of(child: Child, app: SocketAddr, media: SocketAddr, database: u32) -> Result<Self> {
        let watched = Watched {
            server: child.id().context("the server has ended at once")?,
            database,
        };
        Ok(Self {
            watched,
            child,
            app,
            media,
        })
    }

    /// Whether it answers. An error: it never will.
    pub async fn is_ready(&mut self) -> Result<bool> {
        let answer = self.lane().send(&Request::get(READY)).await;
        if let Some(status) = self.child.try_wait()? {
            bail!("the server has ended: {status}");
        }
        Ok(answer.is_ok_and(|answer| answer.status.is_success()))
    }

    pub fn lane(&self) -> Lane {
        Lane::new(self.app, self.media)
    }

    pub fn lanes(&self, count: usize) -> Vec<Lane> {
        (0..count).map(|_| self.lane()).collect()
    }
}

impl Drop for Server {
    /// Its folder is removed next, where it is to write nothing more.
    fn drop(&mut self) {
        let _ = self.child.start_kill();
        let until = Instant::now() + END_TIME;
        while Instant::now() < until && matches!(self.child.try_wait(), Ok(None)) {
            thread::sleep(Duration::from_millis(1));
        }
    }
}
