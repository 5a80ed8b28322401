//! Whose turn it is. Accounts take turns, weighted by the time that their files took, so that one who sends a thousand keeps nobody
//! waiting; and what takes long never has the last place, so that what is quick always gets in soon.

use std::collections::{HashMap, VecDeque};

use crate::db::UserId;

/// Whether it takes long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weight {
    /// It does not, or nobody knows yet.
    Light,
    /// Its header says so.
    Heavy,
}

/// Those who wait, and how many are inside. `T` stands for one who waits.
pub struct Line<T> {
    places: usize,
    light_inside: usize,
    heavy_inside: usize,
    /// What the account that was let in last had had before: newcomers begin there, neither ahead nor behind.
    now: u64,
    joined: u64,
    accounts: HashMap<UserId, Account<T>>,
}

struct Account<T> {
    /// What it has had, milliseconds.
    had: u64,
    inside: usize,
    light: VecDeque<Waiting<T>>,
    heavy: VecDeque<Waiting<T>>,
}

struct Waiting<T> {
    who: T,
    /// What it is estimated to take, milliseconds.
    cost: u64,
    number: u64,
}

/// One who was let in.
#[derive(Debug, PartialEq, Eq)]
pub struct Turn<T> {
    pub who: T,
    pub account: UserId,
    pub weight: Weight,
    /// What it is estimated to take, milliseconds.
    pub cost: u64,
}

impl<T> Account<T> {
    fn queue(&mut self, weight: Weight) -> &mut VecDeque<Waiting<T>> {
        match weight {
            Weight::Light => &mut self.light,
            Weight::Heavy => &mut self.heavy,
        }
    }

    fn waiting(&self) -> usize {
        self.light.len() + self.heavy.len()
    }

    /// The number of the one whose turn is next, and its weight.
    fn first(&self, may_be_heavy: bool) -> Option<(u64, Weight)> {
        let light = self
            .light
            .front()
            .map(|first| (first.number, Weight::Light));
        light.or_else(|| {
            self.heavy
                .front()
                .filter(|_| may_be_heavy)
                .map(|first| (first.number, Weight::Heavy))
        })
    }
}

impl<T> Line<T> {
    /// With so many places, two at least: one of them is for what is light alone.
    pub fn new(places: usize) -> Self {
        Self {
            places: places.max(2),
            light_inside: 0,
            heavy_inside: 0,
            now: 0,
            joined: 0,
            accounts: HashMap::new(),
        }
    }

    pub fn join(&mut self, account: UserId, weight: Weight, cost: u64, who: T) {
        self.joined += 1;
        let (number, had) = (self.joined, self.now);
        let new = || Account {
            had,
            inside: 0,
            light: VecDeque::new(),
            heavy: VecDeque::new(),
        };
        self.accounts
            .entry(account)
            .or_insert_with(new)
            .queue(weight)
            .push_back(Waiting { who, cost, number });
    }

    /// Lets the next one in, if there is a place for it: of the account that has had least, who came first.
    pub fn next(&mut self) -> Option<Turn<T>> {
        if self.inside() >= self.places {
            return None;
        }
        let may_be_heavy = self.has_heavy_place();
        let firsts = self.accounts.iter().filter_map(|(id, account)| {
            let (number, weight) = account.first(may_be_heavy)?;
            Some((account.had, number, *id, weight))
        });
        let (had, _, id, weight) = firsts.min_by_key(|(had, number, ..)| (*had, *number))?;
        self.now = self.now.max(had);
        let account = self.accounts.get_mut(&id)?;
        let Waiting { who, cost, .. } = account.queue(weight).pop_front()?;
        account.inside += 1;
        account.had += cost;
        *self.of(weight) += 1;
        Some(Turn {
            who,
            account: id,
            weight,
            cost,
        })
    }

    /// One who is inside turns out to be heavy. `false`: there is no place for that, or others wait for it.
    pub fn grow(&mut self) -> bool {
        let others_wait = self
            .accounts
            .values()
            .any(|account| !account.heavy.is_empty());
        let may = self.has_heavy_place() && !others_wait;
        if may {
            self.light_inside -= 1;
            self.heavy_inside += 1;
        }
        may
    }

    /// One who was inside leaves, after so many milliseconds in place of what was estimated.
    pub fn leave(&mut self, id: UserId, weight: Weight, cost: u64, spent: u64) {
        *self.of(weight) -= 1;
        if let Some(account) = self.accounts.get_mut(&id) {
            account.inside -= 1;
            account.had = (account.had + spent).saturating_sub(cost);
            if account.inside == 0 && account.waiting() == 0 {
                self.accounts.remove(&id);
            }
        }
    }

    pub fn inside(&self) -> usize {
        self.light_inside + self.heavy_inside
    }

    pub fn waiting(&self) -> usize {
        self.accounts.values().map(Account::waiting).sum()
    }

    pub fn waiting_of(&self, account: UserId) -> usize {
        self.accounts.get(&account).map_or(0, Account::waiting)
    }

    /// What waits of this account is estimated to take until it is done, in turns with the others: milliseconds.
    pub fn ahead_of(&self, account: UserId) -> u64 {
        let own: u64 = self.accounts.get(&account).map_or(0, |account| {
            let waiting = account.light.iter().chain(&account.heavy);
            waiting.map(|waiting| waiting.cost).sum()
        });
        let others = self.accounts.values().filter(|one| one.waiting() > 0);
        own * others.count() as u64 / self.places as u64
    }

    fn has_heavy_place(&self) -> bool {
        self.heavy_inside + 1 < self.places
    }

    fn of(&mut self, weight: Weight) -> &mut usize {
        match weight {
            Weight::Light => &mut self.light_inside,
            Weight::Heavy => &mut self.heavy_inside,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ADA: UserId = UserId(uuid::Uuid::from_u128(1));
    const EVE: UserId = UserId(uuid::Uuid::from_u128(2));

    /// Lets one in after the other and has each take what was estimated: who they were.
    fn served(line: &mut Line<u32>, count: usize) -> Vec<u32> {
        let one = |_| {
            let turn = line.next()?;
            line.leave(turn.account, turn.weight, turn.cost, turn.cost);
            Some(turn.who)
        };
        (0..count).map_while(one).collect()
    }

    #[test]
    fn of_one_account_who_came_first_is_first() {
        let mut line = Line::new(2);
        (0..4).for_each(|who| line.join(ADA, Weight::Light, 10, who));
        assert_eq!(served(&mut line, 9), [0, 1, 2, 3]);
        assert_eq!(
            (line.inside(), line.waiting(), line.accounts.len()),
            (0, 0, 0),
            "nothing is left of it"
        );
    }

    #[test]
    fn a_thousand_files_of_one_account_keep_another_waiting_for_one() {
        let mut line = Line::new(2);
        (0..1000).for_each(|who| line.join(ADA, Weight::Light, 10, who));
        served(&mut line, 20);
        line.join(EVE, Weight::Light, 10, 5000);
        assert!(served(&mut line, 2).contains(&5000));
    }

    #[test]
    fn turns_are_weighted_by_what_they_take() {
        let mut line = Line::new(2);
        for who in 0..100 {
            line.join(ADA, Weight::Light, 400, who);
            line.join(EVE, Weight::Light, 100, 1000 + who);
        }
        let eves = served(&mut line, 50)
            .into_iter()
            .filter(|who| *who >= 1000)
            .count();
        assert!((38..=42).contains(&eves), "{eves} of 50");
    }

    #[test]
    fn what_takes_longer_than_estimated_is_made_up_for() {
        let mut line = Line::new(2);
        for who in 0..100 {
            line.join(ADA, Weight::Light, 1, who);
            line.join(EVE, Weight::Light, 1, 1000 + who);
        }
        let mut eves = 0;
        for _ in 0..50 {
            let Some(turn) = line.next() else { break };
            eves += usize::from(turn.account == EVE);
            line.leave(
                turn.account,
                turn.weight,
                turn.cost,
                if turn.account == EVE { 100 } else { 400 },
            );
        }
        assert!((38..=42).contains(&eves), "{eves} of 50");
    }

    #[test]
    fn what_is_heavy_never_has_the_last_place() {
        for places in [1, 2, 5] {
            let mut line = Line::new(places);
            (0..9).for_each(|who| line.join(ADA, Weight::Heavy, 900, who));
            let inside: Vec<_> = std::iter::from_fn(|| line.next()).collect();
            assert_eq!(inside.len(), places.max(2) - 1);
            line.join(EVE, Weight::Light, 10, 100);
            assert_eq!(line.next().map(|turn| turn.who), Some(100));
            assert_eq!(line.next(), None, "all places are taken");
        }
    }

    #[test]
    fn one_who_turns_out_to_be_heavy_goes_on_only_where_there_is_a_place_and_nobody_waits_for_it() {
        let mut line = Line::new(2);
        (0..3).for_each(|who| line.join(ADA, Weight::Light, 10, who));
        let (first, second) = (line.next(), line.next());
        assert!(first.is_some() && second.is_some());
        assert!(line.grow());
        assert!(!line.grow(), "the other place is the last one");
        line.leave(ADA, Weight::Heavy, 10, 10);
        line.join(EVE, Weight::Heavy, 900, 100);
        assert!(!line.grow(), "another one waits");
        assert_eq!(line.next().map(|turn| turn.who), Some(100));
    }

    #[test]
    fn one_who_comes_late_is_not_paid_for_the_time_before() {
        let mut line = Line::new(2);
        (0..100).for_each(|who| line.join(ADA, Weight::Light, 10, who));
        served(&mut line, 50);
        (0..100).for_each(|who| line.join(EVE, Weight::Light, 10, 1000 + who));
        let eves = served(&mut line, 20)
            .into_iter()
            .filter(|who| *who >= 1000)
            .count();
        assert!((9..=11).contains(&eves), "{eves} of 20");
    }
}
