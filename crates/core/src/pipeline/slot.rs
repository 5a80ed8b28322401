//! Places in the pipeline, and files that wait for one.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use tokio::sync::oneshot;

use super::fair_queue::{Line, Turn, Weight};
use crate::db::UserId;

/// The longest that a client is told to wait before it asks again, seconds.
const LONGEST_PAUSE: u32 = 5;

/// All places. Copies are the same.
#[derive(Clone)]
pub struct Slots(Arc<Mutex<Line<oneshot::Sender<Slot>>>>);

/// A place. It is given back when this is dropped.
pub struct Slot {
    slots: Slots,
    account: UserId,
    weight: Weight,
    /// What was estimated, milliseconds.
    cost: u64,
    since: Instant,
    is_given_back: bool,
}

impl Slots {
    pub fn new(places: usize) -> Self {
        Self(Arc::new(Mutex::new(Line::new(places))))
    }

    /// Waits for a turn. One who gives up waiting is passed over.
    pub async fn wait(
        &self,
        account: UserId,
        weight: Weight,
        cost: u64,
    ) -> Result<Slot, oneshot::error::RecvError> {
        let (turn, is_my_turn) = oneshot::channel();
        self.line().join(account, weight, cost, turn);
        self.let_in();
        is_my_turn.await
    }

    /// How many are inside, and how many wait.
    pub fn load(&self) -> (usize, usize) {
        let line = self.line();
        (line.inside(), line.waiting())
    }

    /// How many wait that belong to this account.
    pub fn waiting_of(&self, account: UserId) -> usize {
        self.line().waiting_of(account)
    }

    /// When it is worth asking again for one of this account's files, seconds: it stands somewhere in the account's line.
    pub fn ask_again_in(&self, account: UserId) -> u32 {
        let halfway = self.line().ahead_of(account) / 2;
        u32::try_from(halfway.div_ceil(1000))
            .unwrap_or(LONGEST_PAUSE)
            .clamp(1, LONGEST_PAUSE)
    }

    fn let_in(&self) {
        while let Some(Turn {
            who,
            account,
            weight,
            cost,
        }) = self.next()
        {
            let slot = Slot {
                slots: self.clone(),
                account,
                weight,
                cost,
                since: Instant::now(),
                is_given_back: false,
            };
            if let Err(mut unwanted) = who.send(slot) {
                unwanted.give_back();
            }
        }
    }

    fn next(&self) -> Option<Turn<oneshot::Sender<Slot>>> {
        self.line().next()
    }

    /// Nothing panics while it is locked; if it did, the line would still be whole.
    fn line(&self) -> MutexGuard<'_, Line<oneshot::Sender<Slot>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Slot {
    /// Whether this is a place for what takes long, or has become one.
    pub fn is_for_heavy(&mut self) -> bool {
        if self.weight == Weight::Light && self.slots.line().grow() {
            self.weight = Weight::Heavy;
        }
        self.weight == Weight::Heavy
    }

    fn give_back(&mut self) {
        self.is_given_back = true;
        let spent = u64::try_from(self.since.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.slots
            .line()
            .leave(self.account, self.weight, self.cost, spent);
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        if !self.is_given_back {
            self.give_back();
            self.slots.let_in();
        }
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[tokio::test]
    async fn one_who_gives_up_waiting_is_passed_over() {
        let slots = Slots::new(2);
        let ada = UserId(uuid::Uuid::from_u128(1));
        let (first, second) = (
            slots.wait(ada, Weight::Light, 1).await.unwrap(),
            slots.wait(ada, Weight::Light, 1).await.unwrap(),
        );
        let gone: Vec<_> = (0..1000)
            .map(|_| Box::pin(slots.wait(ada, Weight::Light, 1)))
            .collect();
        let mut gone = futures::future::join_all(gone);
        assert!(futures::poll!(&mut gone).is_pending());
        let mut waits = Box::pin(slots.wait(ada, Weight::Light, 1));
        assert!(futures::poll!(&mut waits).is_pending());
        assert_eq!(slots.load(), (2, 1001));
        drop(gone);
        drop(first);
        let third = waits.await.unwrap();
        assert_eq!(slots.load(), (2, 0));
        drop((second, third));
        assert_eq!(slots.load(), (0, 0));
    }
}
