//! Rendering work of the gallery, spread over the next frames.

use std::collections::VecDeque;

use leptos::prelude::*;

/// How many parts one frame renders: a window of tiles takes three or four frames.
const PER_FRAME: usize = 8;

/// Defers parts of the page to the next frames: a few per frame, in order. Parts that are unmounted by then are skipped. Copies share one
/// queue.
#[derive(Clone, Copy)]
pub struct FrameQueue(StoredValue<Parts>);

#[derive(Default)]
struct Parts {
    /// Those of this frame, which is busy with what they are parts of.
    new: VecDeque<RwSignal<bool>>,
    /// Those of the frames before it.
    due: VecDeque<RwSignal<bool>>,
}

/// Provides a queue to everything below.
pub fn provide_frame_queue() {
    provide_context(FrameQueue(StoredValue::default()));
}

/// A signal that becomes true in one of the next frames.
pub fn deferred() -> ReadSignal<bool> {
    let (queue, turn) = (expect_context::<FrameQueue>(), RwSignal::new(false));
    let was_empty = queue.0.try_update_value(|parts| {
        parts.new.push_back(turn);
        parts.new.len() + parts.due.len() == 1
    });
    if was_empty == Some(true) {
        request_animation_frame(move || queue.run_frame());
    }
    turn.read_only()
}

impl FrameQueue {
    fn run_frame(self) {
        // Setting a signal may queue more parts, so the queue is not borrowed meanwhile.
        let next = move || {
            let next = self.0.try_update_value(|parts| parts.due.pop_front());
            next.flatten()
        };
        std::iter::from_fn(next)
            .filter(|turn| turn.try_set(true).is_none())
            .take(PER_FRAME)
            .for_each(drop);
        let goes_on = self.0.try_update_value(|parts| {
            parts.due.append(&mut parts.new);
            !parts.due.is_empty()
        });
        if goes_on == Some(true) {
            request_animation_frame(move || self.run_frame());
        }
    }
}
