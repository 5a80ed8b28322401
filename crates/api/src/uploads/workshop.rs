use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use prometheus_client::metrics::histogram::Histogram;
use sha2::{Digest, Sha256};
use tintype_dto::{ContentType, Problem, ProblemCode, RemovedCode};
use tintype_imaging::{Limits, PREVIEW_SIDE, Refusal, RenderError, Renditions};
use tintype_storage::failpoint;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tracing::Instrument;

/// Where files are checked, cleaned and rendered: on as many threads at once as there are cores, each for a bounded time.
pub struct Workshop {
    benches: Arc<Semaphore>,
    /// How many there are.
    places: usize,
    waiting: AtomicUsize,
    duration: Histogram,
    limits: Limits,
}

/// A place in the workshop. Taken before the file is read, so that memory is bounded too.
pub struct Bench(OwnedSemaphorePermit);

/// A file that was announced.
pub struct Announced {
    /// Its exact size, bytes.
    pub size_bytes: u64,
    /// Its SHA-256, if the client gave one, hex.
    pub sha256: Option<String>,
}

/// A file that has passed.
pub struct Checked {
    /// The type found in the bytes.
    pub content_type: ContentType,
    /// Pixels, orientation applied.
    pub width: u32,
    /// Pixels, orientation applied.
    pub height: u32,
    /// What will be published.
    pub original: Bytes,
    /// SHA-256 of that, hex.
    pub sha256: String,
    /// SHA-256 of what was received, hex.
    pub source_sha256: String,
    /// What was cut.
    pub removed: Vec<RemovedCode>,
    /// WebP that fits 1600 x 1600. Like the next two, an image may be without.
    pub preview: Option<Bytes>,
    /// WebP that fits 400 x 400.
    pub thumb: Option<Bytes>,
    /// `ThumbHash`, base64.
    pub placeholder: Option<String>,
}

impl Workshop {
    /// With limits for every file.
    #[must_use]
    pub fn new(limits: Limits, duration: Histogram) -> Self {
        let cores = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
        Self { benches: Arc::new(Semaphore::new(cores)), places: cores, waiting: AtomicUsize::new(0), duration, limits }
    }

    /// Waits for a place.
    pub async fn bench(&self) -> Result<Bench, tokio::sync::AcquireError> {
        let waits = Waits::begin(&self.waiting);
        let place = self.benches.clone().acquire_owned().await;
        drop(waits);
        place.map(Bench)
    }

    /// How many files are being checked, and how many wait.
    #[must_use]
    pub fn load(&self) -> (usize, usize) {
        (self.places - self.benches.available_permits(), self.waiting.load(Ordering::Relaxed))
    }

    /// Checks, cleans and renders.
    pub async fn check(&self, bench: Bench, bytes: Bytes, announced: Announced) -> Result<Checked, Box<Problem>> {
        let limits = self.limits.clone();
        let start = Instant::now();
        let work = contain(bench, self.limits.max_time, move || check(&bytes, &announced, &limits));
        let result = work.instrument(tracing::info_span!("check and render")).await;
        self.duration.observe(start.elapsed().as_secs_f64());
        result
    }
}

/// One who waits, also when he gives up waiting.
struct Waits<'a>(&'a AtomicUsize);

impl<'a> Waits<'a> {
    fn begin(waiting: &'a AtomicUsize) -> Self {
        waiting.fetch_add(1, Ordering::Relaxed);
        Self(waiting)
    }
}

impl Drop for Waits<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// A decoder that panics or runs away costs this file, not the process.
async fn contain<T: Send + 'static>(
    bench: Bench,
    limit: Duration,
    work: impl FnOnce() -> Result<T, Box<Problem>> + Send + 'static,
) -> Result<T, Box<Problem>> {
    let work = tokio::task::spawn_blocking(move || {
        // Given back when the work ends, also when nobody waits for it any more.
        let _held = bench.0;
        work()
    });
    match tokio::time::timeout(limit, work).await {
        Ok(Ok(result)) => result,
        Ok(Err(panic)) => {
            tracing::error!(%panic, "a decoder panicked");
            refused(ProblemCode::ImageDamaged, "This picture can't be decoded. Open it in an editor and save it again.")
        }
        Err(_) => refused(ProblemCode::ImageTooLarge, "This picture takes too long to decode. Save it smaller or in another format."),
    }
}

fn refused<T>(code: ProblemCode, detail: impl Into<String>) -> Result<T, Box<Problem>> {
    Err(Box::new(Problem::new(code, detail)))
}

fn check(bytes: &[u8], announced: &Announced, limits: &Limits) -> Result<Checked, Box<Problem>> {
    let received = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
    if received != announced.size_bytes {
        let detail = format!("{} bytes were announced, {received} arrived. Upload the file again.", announced.size_bytes);
        return refused(ProblemCode::SizeMismatch, detail);
    }
    let source_sha256 = hex::encode(Sha256::digest(bytes));
    if announced.sha256.as_ref().is_some_and(|sha256| *sha256 != source_sha256) {
        return refused(ProblemCode::HashMismatch, "The bytes that arrived are not the ones announced. Upload the file again.");
    }
    picture(bytes, source_sha256, limits).or_else(|reason| refused(reason.code(), reason.detail()))
}

fn picture(bytes: &[u8], source_sha256: String, limits: &Limits) -> Result<Checked, Refusal> {
    let content_type = tintype_imaging::sniff(bytes)?;
    tintype_imaging::inspect(bytes, limits)?;
    let cleaned = tintype_imaging::clean(bytes, limits)?;
    // What is published is what is decoded: the cleaned bytes, looked at anew.
    let inspection = tintype_imaging::inspect(&cleaned.bytes, limits)?;
    failpoint("render.cleaned");
    let decoded = tintype_imaging::decode(&cleaned.bytes, &inspection, limits, PREVIEW_SIDE)?;
    failpoint("render.decoded");
    let renditions = attempt(|| decoded.render());
    let (preview, thumb, placeholder) = match renditions {
        Some(Renditions { preview, thumb, placeholder }) => (Some(preview), Some(thumb), Some(placeholder)),
        None => (None, None, None),
    };
    Ok(Checked {
        content_type,
        width: inspection.width,
        height: inspection.height,
        sha256: hex::encode(Sha256::digest(&cleaned.bytes)),
        source_sha256,
        removed: cleaned.removed,
        original: cleaned.bytes.into(),
        preview: preview.map(|preview| preview.webp.into()),
        thumb: thumb.map(|thumb| thumb.webp.into()),
        placeholder: placeholder.map(|hash| STANDARD.encode(hash)),
    })
}

/// An image whose renditions fail, or whose encoder panics, is still an image: it has been decoded.
fn attempt<T>(render: impl FnOnce() -> Result<T, RenderError>) -> Option<T> {
    match catch_unwind(AssertUnwindSafe(render)) {
        Ok(Ok(rendered)) => Some(rendered),
        Ok(Err(error)) => {
            tracing::error!(%error, "an image is published without renditions");
            None
        }
        Err(_) => {
            tracing::error!("making renditions panicked: an image is published without them");
            None
        }
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_decoder_that_panics_costs_its_file_alone() {
        let workshop = Workshop::new(Limits::default(), Histogram::new([]));
        let places = workshop.benches.available_permits();
        let refusal = contain::<()>(workshop.bench().await.unwrap(), workshop.limits.max_time, || panic!("a decoder")).await.unwrap_err();
        assert_eq!(refusal.code, ProblemCode::ImageDamaged);
        assert_eq!(workshop.benches.available_permits(), places);
    }

    #[test]
    fn what_can_not_be_rendered_is_left_out() {
        assert_eq!(attempt(|| Ok(1)), Some(1));
        assert_eq!(attempt::<()>(|| Err(RenderError::Encode)), None);
        assert_eq!(attempt::<()>(|| panic!("an encoder")), None);
    }

    #[tokio::test]
    async fn a_decoder_that_runs_away_is_given_up_and_keeps_its_place_until_it_ends() {
        let workshop = Workshop::new(Limits::default(), Histogram::new([]));
        let places = workshop.benches.available_permits();
        let (go_on, wait) = std::sync::mpsc::channel::<()>();
        let runaway = move || wait.recv().map_err(|_| Box::new(Problem::new(ProblemCode::Internal, "")));
        let refusal = contain(workshop.bench().await.unwrap(), Duration::from_millis(10), runaway).await.unwrap_err();
        assert_eq!(refusal.code, ProblemCode::ImageTooLarge);
        assert_eq!(workshop.benches.available_permits(), places - 1);
        go_on.send(()).unwrap();
        drop(workshop.benches.acquire_many(u32::try_from(places).unwrap()).await.unwrap());
    }
}
