//! Tasks, one step at a time: whose turn it is, the seed says.

use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use chrono::{DateTime, Utc};

use super::world::{NOWHERE, Process, Shared};

pub type Work = Pin<Box<dyn Future<Output = ()>>>;

pub struct Task {
    /// Whose crash it dies of.
    process: Option<(Process, u32)>,
    stalled_until: Option<DateTime<Utc>>,
    work: Work,
}

impl Task {
    pub fn of_client(work: impl Future<Output = ()> + 'static) -> Self {
        Self {
            process: None,
            stalled_until: None,
            work: Box::pin(work),
        }
    }

    fn has_died(&self, world: &Shared) -> bool {
        self.process
            .is_some_and(|(process, life)| world.borrow().crashes(process) != life)
    }
}

#[derive(Default)]
pub struct Tasks {
    all: Vec<Task>,
}

impl Tasks {
    pub fn add(&mut self, task: Task) {
        self.all.push(task);
    }

    pub fn clients(&self) -> usize {
        self.all
            .iter()
            .filter(|task| task.process.is_none())
            .count()
    }

    pub fn close_clients(&mut self) {
        self.all
            .retain(|task| task.process.is_some_and(|(process, _)| process != NOWHERE));
    }

    pub fn take_spawned(&mut self, world: &Shared) {
        let spawned = std::mem::take(&mut world.borrow_mut().spawned);
        for (process, work) in spawned {
            let life = world.borrow().crashes(process);
            self.all.push(Task {
                process: Some((process, life)),
                stalled_until: None,
                work,
            });
        }
    }

    pub fn stall(&mut self, number: usize, until: DateTime<Utc>) {
        let count = self.all.len() - self.clients();
        let mut of_servers = self.all.iter_mut().filter(|task| task.process.is_some());
        if let Some(task) = of_servers.nth(number % count.max(1)) {
            task.stalled_until = Some(until);
        }
    }

    pub fn poll_one(&mut self, world: &Shared) {
        if self.all.is_empty() {
            return;
        }
        let count = u32::try_from(self.all.len()).unwrap();
        let number = world.borrow_mut().random(count) as usize;
        self.poll(world, number);
    }

    /// `true`: it has ended.
    fn poll(&mut self, world: &Shared, number: usize) -> bool {
        let task = &mut self.all[number];
        if task.has_died(world) {
            self.all.swap_remove(number);
            return true;
        }
        if task
            .stalled_until
            .is_some_and(|until| until > world.borrow().now)
        {
            return false;
        }
        let ended = task
            .work
            .as_mut()
            .poll(&mut Context::from_waker(Waker::noop()))
            .is_ready();
        if ended {
            self.all.swap_remove(number);
        }
        ended
    }

    /// In a calm world every task ends by itself.
    pub fn finish_all(&mut self, world: &Shared) {
        for _ in 0..1_000 {
            for number in (0..self.all.len()).rev() {
                self.poll(world, number);
            }
            self.take_spawned(world);
            let now = world.borrow().now;
            if self
                .all
                .iter()
                .all(|task| task.stalled_until.is_some_and(|until| until > now))
            {
                return;
            }
        }
        panic!("{}: a task goes on for ever", world.borrow().place());
    }
}

/// Gives the others a turn.
pub async fn give_way() {
    let mut had_way = false;
    std::future::poll_fn(|_| {
        if std::mem::replace(&mut had_way, true) {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    })
    .await;
}

/// Waits until then.
pub async fn sleep_until(world: &Shared, time: DateTime<Utc>) {
    std::future::poll_fn(|_| {
        if world.borrow().now >= time {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    })
    .await;
}
