use std::sync::Arc;
use std::time::Instant;

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use prometheus_client::metrics::histogram::Histogram;
use sha2::Sha256;
use tokio::sync::Semaphore;
use tracing::Instrument;

use crate::problems::ApiError;

/// Names the scheme before the bcrypt string, so that it can be replaced one login at a time.
const SCHEME: &str = "v1";
const LABEL: &[u8] = b"tintype password v1";

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
    /// With bcrypt's cost (each step doubles the time) and as many hashes at once as there are cores; eight times as many may wait.
    #[must_use]
    pub fn new(cost: u32, duration: Histogram) -> Self {
        let cores = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
        Self { cost, working: Arc::new(Semaphore::new(cores)), waiting: Arc::new(Semaphore::new(cores * 9)), cores, duration }
    }

    /// The hash to keep for this password.
    pub async fn hash(&self, password: &str) -> Result<String, ApiError> {
        let (input, cost) = (prehash(password), self.cost);
        let hash = self.run(move || bcrypt::hash(input, cost)).await?.map_err(ApiError::internal)?;
        Ok(format!("{SCHEME}{hash}"))
    }

    /// Whether the password fits the kept hash. Without a kept hash it costs the same and never fits.
    pub async fn fits(&self, password: &str, kept: Option<&str>) -> Result<bool, ApiError> {
        let known = kept.and_then(|hash| hash.strip_prefix(SCHEME));
        let hash = known.map_or_else(|| stand_in(self.cost), str::to_owned);
        let is_known = known.is_some();
        let input = prehash(password);
        let fits = self.run(move || bcrypt::verify(input, &hash)).await?.map_err(ApiError::internal)?;
        Ok(fits && is_known)
    }

    /// How many hashes are at work, and how many wait.
    #[must_use]
    pub fn load(&self) -> (usize, usize) {
        let working = self.cores - self.working.available_permits();
        (working, (self.cores * 9 - self.waiting.available_permits()).saturating_sub(working))
    }

    async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, ApiError> {
        let Ok(place) = self.waiting.clone().try_acquire_owned() else {
            return Err(ApiError::overloaded(2));
        };
        let turn = self.working.clone().acquire_owned().await.map_err(ApiError::internal)?;
        let duration = self.duration.clone();
        tokio::task::spawn_blocking(move || {
            // Given back when the work ends, also when nobody waits for it any more.
            let _held = (place, turn);
            let start = Instant::now();
            let result = work();
            duration.observe(start.elapsed().as_secs_f64());
            result
        })
        .instrument(tracing::info_span!("bcrypt"))
        .await
        .map_err(ApiError::internal)
    }
}

/// A hash of nothing that anyone knows, in the form that bcrypt has to compute at full cost.
fn stand_in(cost: u32) -> String {
    format!("$2b${cost:02}$abcdefghijklmnopqrstuu5Lo0g67CiD3M4RpN1BmBb4Crp5w7dbK")
}

fn prehash(password: &str) -> String {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(LABEL) else { unreachable!("HMAC takes keys of every length") };
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
        assert!(passwords.fits(&long, Some(&kept)).await.unwrap());
        for other in ["x".repeat(99), "x".repeat(101), format!("{}y", "x".repeat(99)), format!("x\0{}", "x".repeat(98))] {
            assert!(!passwords.fits(&other, Some(&kept)).await.unwrap());
        }
    }

    #[tokio::test]
    async fn an_unknown_user_costs_a_real_hash_and_never_fits() {
        let passwords = Passwords::new(10, Histogram::new([]));
        let kept = passwords.hash("correct horse").await.unwrap();
        let mut shortest = [std::time::Duration::MAX; 2];
        for _ in 0..5 {
            for (kept, shortest) in [Some(kept.as_str()), None].into_iter().zip(&mut shortest) {
                let start = std::time::Instant::now();
                assert!(!passwords.fits("wrong", kept).await.unwrap());
                *shortest = start.elapsed().min(*shortest);
            }
        }
        let [known, unknown] = shortest;
        assert!(unknown > known / 2 && known > unknown / 2, "{known:?} against {unknown:?}");
    }

    #[tokio::test]
    async fn a_full_queue_says_so_at_once() {
        let passwords = Passwords::new(4, Histogram::new([]));
        let _all = passwords.waiting.clone().acquire_many_owned(u32::try_from(passwords.waiting.available_permits()).unwrap()).await;
        let error = passwords.hash("correct horse").await.unwrap_err();
        assert_eq!(error.code(), tintype_dto::ProblemCode::Overloaded);
    }
}
