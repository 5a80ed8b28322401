//! Hashes of passwords, made and compared on a bounded number of threads.

use std::ops::RangeInclusive;
use std::sync::Arc;
use std::time::Instant;

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use prometheus_client::metrics::histogram::Histogram;
use sha2::Sha256;
use tokio::sync::Semaphore;
use tracing::Instrument;

use crate::Failure;

/// Names the scheme before the bcrypt string, so that it can be replaced one login at a time.
const SCHEME: &str = "v1";
const LABEL: &[u8] = b"tintype password v1";
/// The costs that bcrypt may be given.
pub const COSTS: RangeInclusive<u32> = 4..=16;

/// Hashes and checks passwords on a bounded number of threads.
///
/// bcrypt reads 72 bytes and stops at a NUL, so it gets base64(HMAC-SHA-256(label, password)): every byte and the length count.
pub struct Passwords {
    cost: u32,
    working: Arc<Semaphore>,
    waiting: Arc<Semaphore>,
    cores: usize,
    duration: Histogram,
}

impl Passwords {
    /// Creates a pool with this bcrypt cost (each step doubles the time), one hash per core at once and a queue of eight per core.
    #[must_use]
    pub fn new(cost: u32, duration: Histogram) -> Self {
        let cores = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
        Self {
            cost,
            working: Arc::new(Semaphore::new(cores)),
            waiting: Arc::new(Semaphore::new(cores * 9)),
            cores,
            duration,
        }
    }

    /// Hashes a new password.
    pub async fn hash(&self, password: &str) -> Result<String, Failure> {
        let (input, cost) = (prehash(password), self.cost);
        let hash = self
            .run(move || bcrypt::hash(input, cost))
            .await?
            .map_err(Failure::unexpected)?;
        Ok(format!("{SCHEME}{hash}"))
    }

    /// Whether the password matches the stored hash. With any hash, or none, this takes as long as the most expensive hash, of those stored
    /// anywhere (`dearest`) and those made now.
    pub async fn fits(
        &self,
        password: &str,
        kept: Option<&str>,
        dearest: Option<u32>,
    ) -> Result<bool, Failure> {
        let known = kept.and_then(|hash| hash.strip_prefix(SCHEME));
        let is_known = known.is_some();
        let (first, others) = all_to_compute(
            known,
            dearest
                .filter(|cost| COSTS.contains(cost))
                .unwrap_or(0)
                .max(self.cost),
        );
        let input = prehash(password);
        let check = move || {
            let fits = bcrypt::verify(&input, &first)?;
            others
                .iter()
                .try_for_each(|stand_in| bcrypt::verify(&input, stand_in).map(drop))?;
            Ok::<_, bcrypt::BcryptError>(fits)
        };
        let fits = self.run(check).await?.map_err(Failure::unexpected)?;
        Ok(fits && is_known)
    }

    /// Whether this hash has the current scheme and cost.
    #[must_use]
    pub fn is_current(&self, kept: &str) -> bool {
        kept.starts_with(&format!("{SCHEME}$2b${:02}$", self.cost))
    }

    /// How many hashes are running, and how many are queued.
    #[must_use]
    pub fn load(&self) -> (usize, usize) {
        let working = self.cores - self.working.available_permits();
        (
            working,
            (self.cores * 9 - self.waiting.available_permits()).saturating_sub(working),
        )
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Failure> {
        let Ok(place) = self.waiting.clone().try_acquire_owned() else {
            return Err(Failure::Overloaded { seconds: 2 });
        };
        let turn = self
            .working
            .clone()
            .acquire_owned()
            .await
            .map_err(Failure::unexpected)?;
        let duration = self.duration.clone();
        tokio::task::spawn_blocking(move || {
            // Released when the work ends, even if nobody waits for it any more.
            let _held = (place, turn);
            let start = Instant::now();
            let result = work();
            duration.observe(start.elapsed().as_secs_f64());
            result
        })
        .instrument(tracing::info_span!("bcrypt"))
        .await
        .map_err(Failure::unexpected)
    }
}

/// The hash to compare with, and others to compute as well. A hash of cost c takes 2^c rounds: one each of c, c + 1, ... below `cost` add
/// up to 2^cost rounds. The stand-in for a missing hash has `cost` itself.
fn all_to_compute(kept: Option<&str>, cost: u32) -> (String, Vec<String>) {
    match kept {
        Some(kept) => (
            kept.to_owned(),
            cost_of(kept).map_or_else(Vec::new, |own| (own..cost).map(stand_in).collect()),
        ),
        None => (stand_in(cost), Vec::new()),
    }
}

/// The cost of a bcrypt string: `12` of `$2b$12$...`.
fn cost_of(hash: &str) -> Option<u32> {
    hash.split('$').nth(2)?.parse().ok()
}

/// A hash of an unknown password, in a form that bcrypt computes at full cost.
fn stand_in(cost: u32) -> String {
    format!("$2b${cost:02}$abcdefghijklmnopqrstuu5Lo0g67CiD3M4RpN1BmBb4Crp5w7dbK")
}

fn prehash(password: &str) -> String {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(LABEL) else {
        unreachable!("HMAC takes keys of every length")
    };
    mac.update(password.as_bytes());
    STANDARD_NO_PAD.encode(mac.finalize().into_bytes())
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[tokio::test]
    async fn every_byte_and_the_length_of_a_password_count() {
        let passwords = Passwords::new(4, Histogram::new([]));
        let long = "x".repeat(100);
        let kept = passwords.hash(&long).await.unwrap();
        assert!(passwords.fits(&long, Some(&kept), None).await.unwrap());
        for other in [
            "x".repeat(99),
            "x".repeat(101),
            format!("{}y", "x".repeat(99)),
            format!("x\0{}", "x".repeat(98)),
        ] {
            assert!(!passwords.fits(&other, Some(&kept), None).await.unwrap());
        }
    }

    #[test]
    fn known_and_unknown_names_cost_the_same_rounds_whatever_costs_are_kept() {
        for cost in 4..=16 {
            let rounds = |kept: Option<&str>| {
                let (first, others) = all_to_compute(kept, cost);
                others
                    .iter()
                    .chain([&first])
                    .map(|hash| 1_u64 << cost_of(hash).unwrap())
                    .sum::<u64>()
            };
            assert_eq!(rounds(None), 1 << cost);
            for own in 4..=cost {
                assert_eq!(rounds(Some(&stand_in(own))), 1 << cost, "{own} of {cost}");
            }
        }
        // A more expensive hash was stored since `dearest` was read: it is compared all the same.
        assert_eq!(
            all_to_compute(Some(&stand_in(6)), 5).1,
            Vec::<String>::new()
        );
    }

    #[tokio::test]
    async fn an_unknown_user_takes_as_long_as_known_ones_of_every_cost_and_never_fits() {
        let passwords = Passwords::new(8, Histogram::new([]));
        let mut kept = vec![None];
        for cost in [4, 8, 10] {
            kept.push(Some(
                Passwords::new(cost, Histogram::new([]))
                    .hash("correct horse")
                    .await
                    .unwrap(),
            ));
        }
        let mut shortest = [std::time::Duration::MAX; 4];
        for _ in 0..5 {
            for (kept, shortest) in kept.iter().zip(&mut shortest) {
                let start = std::time::Instant::now();
                assert!(
                    !passwords
                        .fits("wrong", kept.as_deref(), Some(10))
                        .await
                        .unwrap()
                );
                *shortest = start.elapsed().min(*shortest);
            }
        }
        let (least, most) = (
            shortest.iter().min().unwrap(),
            shortest.iter().max().unwrap(),
        );
        assert!(*most < *least * 2, "{shortest:?}");
        for kept in &kept[1..] {
            assert!(
                passwords
                    .fits("correct horse", kept.as_deref(), Some(10))
                    .await
                    .unwrap()
            );
        }
    }

    #[tokio::test]
    async fn a_hash_is_current_when_it_has_the_scheme_and_the_cost_of_now() {
        let passwords = Passwords::new(5, Histogram::new([]));
        assert!(passwords.is_current(&passwords.hash("correct horse").await.unwrap()));
        let older = Passwords::new(4, Histogram::new([]))
            .hash("correct horse")
            .await
            .unwrap();
        for other in [older.as_str(), "v0$2b$05$x", "v1$2y$05$x", ""] {
            assert!(!passwords.is_current(other), "{other}");
        }
    }

    #[tokio::test]
    async fn a_full_queue_says_so_at_once() {
        let passwords = Passwords::new(4, Histogram::new([]));
        let _all = passwords
            .waiting
            .clone()
            .acquire_many_owned(u32::try_from(passwords.waiting.available_permits()).unwrap())
            .await;
        let error = passwords.hash("correct horse").await.unwrap_err();
        assert!(matches!(error, Failure::Overloaded { .. }));
    }
}
