//! Where files are checked, cleaned and rendered.

mod estimate;
mod fair_queue;
mod slot;

use std::collections::HashSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::histogram::Histogram;
use tintype_dto::{ContentType, Problem, ProblemCode, RemovedCode};
use tintype_imaging::{
    Cleaned, Decoded, Inspection, Limits, Refusal, RenderError, Rendition, Renditions, Serves,
};
use tintype_storage::failpoint;
use tokio::sync::oneshot::error::RecvError;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, SemaphorePermit};
use tracing::Instrument;

pub use self::estimate::estimated_ms;
pub use self::fair_queue::Weight;
pub use self::slot::Slot;
use self::slot::Slots;
use crate::Failure;
use crate::db::{ImageId, Sha256, UserId};

/// Where files are checked, cleaned and rendered: on as many threads at once as there are cores, each for a bounded time, and all of them
/// in a bounded memory. Accounts take turns (`fair_queue.rs`).
pub struct ImagePipeline {
    slots: Slots,
    /// What decoders may take, all together, in MiB: each takes what the header of its picture says it needs.
    memory: Arc<Semaphore>,
    /// The same for small pictures alone, when others have everything.
    memory_for_small: Arc<Semaphore>,
    /// How many more clients may wait for what becomes of their files.
    patience: Semaphore,
    /// Uploads that are in the line, or inside.
    tickets: Arc<Mutex<HashSet<ImageId>>>,
    duration: Histogram,
    panics: Counter,
    limits: Limits,
}

const MIB: u64 = 1 << 20;
/// For what will be refused at once.
const NO_PICTURE: Duration = Duration::from_secs(5);
/// Longer than a picture may take to decode, so that only one that runs away makes others fail.
const MEMORY_WAIT: Duration = Duration::from_secs(35);
/// What is estimated to take longer is never in the last place.
const LIGHT_MS: u32 = 800;
/// What is set aside for small pictures, MiB, beside what the settings give: enough for one of one and a half megapixels.
const FOR_SMALL: usize = 64;
/// How many files of one account wait in this process. The worker finds the others when their turn comes nearer.
const MOST_IN_LINE: usize = 256;
/// How many clients wait at once.
const MOST_CLIENTS: usize = 64;

/// Stands for one file in the line of this process. It is free again when this is dropped.
pub struct Ticket {
    tickets: Arc<Mutex<HashSet<ImageId>>>,
    id: ImageId,
}

impl Drop for Ticket {
    fn drop(&mut self) {
        lock(&self.tickets).remove(&self.id);
    }
}

/// A panic elsewhere leaves the set whole, so a poisoned lock is as good as any.
fn lock(tickets: &Mutex<HashSet<ImageId>>) -> MutexGuard<'_, HashSet<ImageId>> {
    tickets.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What became of a file.
pub enum Outcome {
    /// It can be published.
    Passed(Box<Checked>),
    /// It can't, and why.
    Refused(Box<Problem>),
    /// It is a picture, and has to wait for a place where decoding may take long.
    TooHeavy {
        /// What it takes by estimate.
        ms: u32,
    },
}

/// A file that was announced.
pub struct Announced {
    /// Its exact size, bytes.
    pub size_bytes: u64,
    /// Its SHA-256, if the client gave one.
    pub sha256: Option<Sha256>,
}

/// A file that has been cleaned, and is to be decoded.
struct CleanPicture {
    cleaned: Cleaned,
    /// SHA-256 of what was received.
    source_sha256: Sha256,
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
    /// SHA-256 of that.
    pub sha256: Sha256,
    /// SHA-256 of what was received.
    pub source_sha256: Sha256,
    /// What was cut.
    pub removed: Vec<RemovedCode>,
    /// WebP that fits 1600 x 1600. `None`: what will be published serves as it is, or nothing could be made of it.
    pub preview: Option<Bytes>,
    /// WebP that fits 400 x 400. `None`: as above.
    pub thumb: Option<Bytes>,
    /// `ThumbHash`, base64.
    pub placeholder: Option<String>,
    /// Whether it moves.
    pub animated: bool,
}

impl ImagePipeline {
    /// With limits for every file, and metrics: how long each took, and how many panicked.
    #[must_use]
    pub fn new(limits: Limits, duration: Histogram, panics: Counter) -> Self {
        let cores = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
        let memory = usize::try_from(limits.max_memory / MIB)
            .unwrap_or(Semaphore::MAX_PERMITS)
            .min(Semaphore::MAX_PERMITS);
        Self {
            slots: Slots::new(cores),
            memory: Arc::new(Semaphore::new(memory)),
            memory_for_small: Arc::new(Semaphore::new(FOR_SMALL)),
            patience: Semaphore::new(MOST_CLIENTS),
            tickets: Arc::default(),
            duration,
            panics,
            limits,
        }
    }

    /// Waits for the turn of a file of this account, which takes so many milliseconds by estimate.
    pub async fn slot(
        &self,
        account: UserId,
        weight: Weight,
        cost: u64,
    ) -> Result<Slot, RecvError> {
        self.slots.wait(account, weight, cost).await
    }

    /// A place for a client to wait for what becomes of its file. `None`: so many wait that another would hold a connection which those who
    /// read could use.
    #[must_use]
    pub fn patience(&self) -> Option<SemaphorePermit<'_>> {
        self.patience.try_acquire().ok()
    }

    /// A ticket for this upload. `None`: it has one already.
    #[must_use]
    pub fn ticket(&self, id: ImageId) -> Option<Ticket> {
        lock(&self.tickets).insert(id).then(|| Ticket {
            tickets: self.tickets.clone(),
            id,
        })
    }

    /// Whether this upload waits here, or is being checked here.
    #[must_use]
    pub fn is_in_line(&self, id: ImageId) -> bool {
        lock(&self.tickets).contains(&id)
    }

    /// Whether so many files of this account wait that no more can join them.
    #[must_use]
    pub fn is_full_for(&self, account: UserId) -> bool {
        self.slots.waiting_of(account) >= MOST_IN_LINE
    }

    /// When it is worth asking again for one of this account's files, seconds.
    #[must_use]
    pub fn ask_again_in(&self, account: UserId) -> u32 {
        self.slots.ask_again_in(account)
    }

    /// How many files are being checked, and how many wait.
    #[must_use]
    pub fn load(&self) -> (usize, usize) {
        self.slots.load()
    }

    /// Checks, cleans and renders. An error: the memory for it was not to be had in time.
    pub async fn check(
        &self,
        slot: Slot,
        bytes: Bytes,
        announced: Announced,
    ) -> Result<Outcome, Failure> {
        let start = Instant::now();
        let result = self
            .check_untimed(slot, bytes, announced)
            .instrument(tracing::info_span!("check and render"))
            .await;
        self.duration.observe(start.elapsed().as_secs_f64());
        result
    }

    async fn check_untimed(
        &self,
        slot: Slot,
        bytes: Bytes,
        announced: Announced,
    ) -> Result<Outcome, Failure> {
        let limits = self.limits.clone();
        let max_time = tintype_imaging::sniff(&bytes)
            .map_or(NO_PICTURE, |content_type| limits.of(content_type).max_time);
        let (mut slot, picture) = match contain(slot, max_time, &self.panics, move || {
            clean(&bytes, &announced, &limits)
        })
        .await
        {
            Ok(cleaned) => cleaned,
            Err(problem) => return Ok(Outcome::Refused(problem)),
        };
        let Inspection {
            decode_memory,
            decode_ms,
            ..
        } = picture.cleaned.inspection;
        let memory = match self.memory_at_once(decode_memory, decode_ms).await {
            Some(memory) => memory,
            None if slot.is_for_heavy() => self.memory(decode_memory).await?,
            None => return Ok(Outcome::TooHeavy { ms: decode_ms }),
        };
        let (limits, panics) = (self.limits.clone(), self.panics.clone());
        let work = move || {
            let _held = memory;
            render(picture, &limits, &panics)
                .or_else(|reason| refused(reason.code(), reason.detail()))
        };
        Ok(match contain(slot, max_time, &self.panics, work).await {
            Ok((_, checked)) => Outcome::Passed(Box::new(checked)),
            Err(problem) => Outcome::Refused(problem),
        })
    }

    /// For what is light, without waiting for what is heavy: nobody has to wait for that in the last place.
    async fn memory_at_once(&self, bytes: u64, ms: u32) -> Option<OwnedSemaphorePermit> {
        let wanted = mebibytes(bytes);
        if ms > LIGHT_MS {
            return None;
        }
        if let Ok(memory) = self.memory.clone().try_acquire_many_owned(wanted) {
            return Some(memory);
        }
        if wanted as usize > FOR_SMALL {
            return None;
        }
        self.memory_for_small
            .clone()
            .acquire_many_owned(wanted)
            .await
            .ok()
    }

    /// Waits for so many bytes; in vain, when others hold them for longer than they may.
    async fn memory(&self, bytes: u64) -> Result<OwnedSemaphorePermit, Failure> {
        let permit = self.memory.clone().acquire_many_owned(mebibytes(bytes));
        match tokio::time::timeout(MEMORY_WAIT, permit).await {
            Ok(permit) => permit.map_err(Failure::unexpected),
            Err(_) => Err(Failure::Overloaded { seconds: 5 }),
        }
    }
}

/// No more than there are: the limits have been kept.
fn mebibytes(bytes: u64) -> u32 {
    u32::try_from(bytes.div_ceil(MIB)).unwrap_or(u32::MAX)
}

/// A decoder that panics or runs away costs this file, not the process. The place is handed back, for what is to be done next.
async fn contain<T: Send + 'static>(
    slot: Slot,
    limit: Duration,
    panics: &Counter,
    work: impl FnOnce() -> Result<T, Box<Problem>> + Send + 'static,
) -> Result<(Slot, T), Box<Problem>> {
    let work = tokio::task::spawn_blocking(move || {
        // Given back when the work ends, also when nobody waits for it any more.
        let held = slot;
        work().map(|done| (held, done))
    });
    match tokio::time::timeout(limit, work).await {
        Ok(Ok(result)) => result,
        Ok(Err(panic)) => {
            panics.inc();
            tracing::error!(%panic, "a decoder panicked");
            refused(
                ProblemCode::ImageDamaged,
                "This picture can't be decoded. Open it in an editor and save it again.",
            )
        }
        Err(_) => refused(
            ProblemCode::ImageTooLarge,
            "This picture takes too long to decode. Save it smaller or in another format.",
        ),
    }
}

fn refused<T>(code: ProblemCode, detail: impl Into<String>) -> Result<T, Box<Problem>> {
    Err(Box::new(Problem::new(code, detail)))
}

fn clean(
    bytes: &[u8],
    announced: &Announced,
    limits: &Limits,
) -> Result<CleanPicture, Box<Problem>> {
    let received = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
    if received != announced.size_bytes {
        let detail = format!(
            "{} bytes were announced, {received} arrived. Upload the file again.",
            announced.size_bytes
        );
        return refused(ProblemCode::SizeMismatch, detail);
    }
    let source_sha256 = Sha256::of(bytes);
    if announced
        .sha256
        .is_some_and(|sha256| sha256 != source_sha256)
    {
        return refused(
            ProblemCode::HashMismatch,
            "The bytes that arrived are not the ones announced. Upload the file again.",
        );
    }
    cleaned(bytes, source_sha256, limits).or_else(|reason| refused(reason.code(), reason.detail()))
}

fn cleaned(bytes: &[u8], source_sha256: Sha256, limits: &Limits) -> Result<CleanPicture, Refusal> {
    let cleaned = tintype_imaging::clean(bytes, limits)?;
    failpoint("render.cleaned");
    Ok(CleanPicture {
        cleaned,
        source_sha256,
    })
}

fn render(picture: CleanPicture, limits: &Limits, panics: &Counter) -> Result<Checked, Refusal> {
    let CleanPicture {
        cleaned: Cleaned {
            bytes,
            removed,
            inspection,
        },
        source_sha256,
    } = picture;
    let serves = Serves::of(&inspection, bytes.len());
    let decoded = tintype_imaging::decode(&bytes, &inspection, limits, serves.side())?;
    failpoint("render.decoded");
    let Made {
        preview,
        thumb,
        placeholder,
    } = attempt(panics, || make(serves, decoded)).unwrap_or_default();
    Ok(Checked {
        content_type: inspection.content_type,
        width: inspection.width,
        height: inspection.height,
        animated: inspection.animated,
        sha256: Sha256::of(&bytes),
        source_sha256,
        removed,
        preview: preview.and_then(|preview| if_smaller(preview, &bytes)),
        thumb: thumb.and_then(|thumb| if_smaller(thumb, &bytes)),
        placeholder: placeholder.map(|hash| STANDARD.encode(hash)),
        original: bytes.into(),
    })
}

/// What was made of a picture.
#[derive(Default)]
struct Made {
    preview: Option<Rendition>,
    thumb: Option<Rendition>,
    placeholder: Option<Vec<u8>>,
}

/// Makes what the image does not serve as itself.
fn make(serves: Serves, decoded: Decoded) -> Result<Made, RenderError> {
    let (preview, thumb, placeholder) = match serves {
        Serves::AsOriginal => {
            let Renditions {
                preview,
                thumb,
                placeholder,
            } = decoded.render()?;
            (Some(preview), Some(thumb), placeholder)
        }
        Serves::AsPreview => {
            let (thumb, placeholder) = decoded.thumbnail()?;
            (None, Some(thumb), placeholder)
        }
        Serves::AsThumb => (None, None, decoded.placeholder()?),
    };
    Ok(Made {
        preview,
        thumb,
        placeholder: Some(placeholder),
    })
}

/// An original that is smaller than what was made of it serves in its place: so nobody who is kept to a quota of originals stores more than
/// three times of that.
fn if_smaller(rendition: Rendition, original: &[u8]) -> Option<Bytes> {
    (rendition.webp.len() <= original.len()).then(|| rendition.webp.into())
}

/// An image whose renditions fail, or whose encoder panics, is still an image: it has been decoded.
fn attempt<T>(panics: &Counter, render: impl FnOnce() -> Result<T, RenderError>) -> Option<T> {
    match catch_unwind(AssertUnwindSafe(render)) {
        Ok(Ok(rendered)) => Some(rendered),
        Ok(Err(error)) => {
            tracing::error!(%error, "an image is published without renditions");
            None
        }
        Err(_) => {
            panics.inc();
            tracing::error!("making renditions panicked: an image is published without them");
            None
        }
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    const ADA: UserId = UserId(uuid::Uuid::nil());

    async fn slot(pipeline: &ImagePipeline) -> Slot {
        pipeline.slot(ADA, Weight::Light, 1).await.unwrap()
    }

    #[tokio::test]
    async fn a_decoder_that_panics_costs_its_file_alone() {
        let pipeline =
            ImagePipeline::new(Limits::default(), Histogram::new([]), Counter::default());
        let refusal = contain::<()>(slot(&pipeline).await, NO_PICTURE, &pipeline.panics, || {
            panic!("a decoder")
        })
        .await
        .err()
        .unwrap();
        assert_eq!(refusal.code, ProblemCode::ImageDamaged);
        assert_eq!((pipeline.load(), pipeline.panics.get()), ((0, 0), 1));
    }

    #[test]
    fn what_can_not_be_rendered_is_left_out() {
        let panics = Counter::default();
        assert_eq!(attempt(&panics, || Ok(1)), Some(1));
        assert_eq!(attempt::<()>(&panics, || Err(RenderError::Encode)), None);
        assert_eq!(panics.get(), 0);
        assert_eq!(attempt::<()>(&panics, || panic!("an encoder")), None);
        assert_eq!(panics.get(), 1);
    }

    #[tokio::test]
    async fn a_decoder_that_runs_away_is_given_up_and_keeps_its_place_until_it_ends() {
        let pipeline =
            ImagePipeline::new(Limits::default(), Histogram::new([]), Counter::default());
        let (go_on, wait) = std::sync::mpsc::channel::<()>();
        let runaway = move || {
            wait.recv()
                .map_err(|_| Box::new(Problem::new(ProblemCode::Internal, "")))
        };
        let refusal = contain(
            slot(&pipeline).await,
            Duration::from_millis(10),
            &pipeline.panics,
            runaway,
        )
        .await
        .err()
        .unwrap();
        assert_eq!(refusal.code, ProblemCode::ImageTooLarge);
        assert_eq!(pipeline.load(), (1, 0));
        go_on.send(()).unwrap();
        while pipeline.load() != (0, 0) {
            tokio::task::yield_now().await;
        }
    }

    fn announced(bytes: &[u8]) -> Announced {
        Announced {
            size_bytes: bytes.len() as u64,
            sha256: None,
        }
    }

    const PHOTOGRAPH: &[u8] = include_bytes!("../../../imaging/fixtures/landscape.jpg");

    /// With memory for this one photograph.
    fn small() -> ImagePipeline {
        let needs = tintype_imaging::inspect(PHOTOGRAPH, &Limits::default())
            .unwrap()
            .decode_memory;
        let limits = Limits {
            max_memory: needs.next_multiple_of(MIB),
            ..Limits::default()
        };
        ImagePipeline {
            memory_for_small: Arc::new(Semaphore::new(0)),
            ..ImagePipeline::new(limits, Histogram::new([]), Counter::default())
        }
    }

    #[tokio::test]
    async fn a_picture_waits_until_others_leave_the_memory_that_it_needs() {
        let pipeline = small();
        let all = pipeline.memory.available_permits();
        let other = pipeline.memory(1).await.unwrap();
        let slot = slot(&pipeline).await;
        pipeline.memory_for_small.close();
        let mut waits =
            std::pin::pin!(pipeline.check(slot, PHOTOGRAPH.into(), announced(PHOTOGRAPH)));
        // Until it stands in the queue, and is answered nothing.
        while pipeline.memory.available_permits() != 0 {
            tokio::select! {
                biased;
                _ = &mut waits => panic!("it did not wait"),
                () = tokio::task::yield_now() => {}
            }
        }
        drop(other);
        let Outcome::Passed(checked) = waits.await.unwrap() else {
            panic!("it is a picture")
        };
        assert!(checked.thumb.is_some());
        assert_eq!(pipeline.memory.available_permits(), all);
    }

    #[tokio::test]
    async fn what_waits_for_memory_does_not_wait_in_the_last_place() {
        let pipeline = small();
        let _all = pipeline
            .memory
            .clone()
            .acquire_many_owned(u32::try_from(pipeline.memory.available_permits()).unwrap())
            .await;
        pipeline.memory_for_small.close();
        let mut heavy = Vec::new();
        for _ in 1..std::thread::available_parallelism()
            .map_or(2, std::num::NonZero::get)
            .max(2)
        {
            heavy.push(pipeline.slot(ADA, Weight::Heavy, 900).await.unwrap());
        }
        let last = slot(&pipeline).await;
        let outcome = pipeline
            .check(last, PHOTOGRAPH.into(), announced(PHOTOGRAPH))
            .await
            .unwrap();
        assert!(matches!(outcome, Outcome::TooHeavy { .. }));
        assert_eq!(pipeline.load(), (heavy.len(), 0));
    }

    #[tokio::test]
    async fn a_small_picture_has_memory_while_others_have_everything() {
        let pipeline =
            ImagePipeline::new(Limits::default(), Histogram::new([]), Counter::default());
        let _all = pipeline
            .memory
            .clone()
            .acquire_many_owned(u32::try_from(pipeline.memory.available_permits()).unwrap())
            .await;
        let small = include_bytes!("../../../imaging/fixtures/alpha.png");
        let outcome = pipeline
            .check(
                slot(&pipeline).await,
                small.as_slice().into(),
                announced(small),
            )
            .await
            .unwrap();
        assert!(matches!(outcome, Outcome::Passed(_)));
    }

    #[tokio::test]
    async fn a_picture_that_needs_more_than_there_is_is_refused() {
        let limits = Limits {
            max_memory: 8 * MIB,
            ..Limits::default()
        };
        let pipeline = ImagePipeline::new(limits, Histogram::new([]), Counter::default());
        let slot = slot(&pipeline).await;
        let Outcome::Refused(refusal) = pipeline
            .check(slot, PHOTOGRAPH.into(), announced(PHOTOGRAPH))
            .await
            .unwrap()
        else {
            panic!("it was taken")
        };
        assert_eq!(refusal.code, ProblemCode::ImageTooLarge);
        assert!(
            refusal.detail.contains("at most 8 are given"),
            "{}",
            refusal.detail
        );
    }
}
