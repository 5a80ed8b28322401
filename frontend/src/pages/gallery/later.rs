//! Work of the gallery that can wait for the next frames.

use std::collections::VecDeque;

use leptos::prelude::*;

/// So many are let in with each frame: a window of tiles in three or four.
const A_FRAME: usize = 8;

/// Makes parts of the page that can wait for the next frames wait: a few come in each, first come, first served, and those whose place is
/// gone by then never. Copies are the same queue.
#[derive(Clone, Copy)]
pub struct Later(StoredValue<VecDeque<RwSignal<bool>>>);

/// Provides a queue to everything below.
pub fn provide_later() {
    provide_context(Later(StoredValue::default()));
}

/// Becomes true in one of the next frames.
pub fn later() -> ReadSignal<bool> {
    let (queue, turn) = (expect_context::<Later>(), RwSignal::new(false));
    let was_empty = queue.0.try_update_value(|waiting| {
        waiting.push_back(turn);
        waiting.len() == 1
    });
    if was_empty == Some(true) {
        request_animation_frame(move || queue.let_some_in());
    }
    turn.read_only()
}

impl Later {
    fn let_some_in(self) {
        // Whoever is let in may bring others, so the queue is not held meanwhile.
        let next = move || self.0.try_update_value(VecDeque::pop_front).flatten();
        std::iter::from_fn(next)
            .filter(|turn| turn.try_set(true).is_none())
            .take(A_FRAME)
            .for_each(drop);
        if self.0.try_with_value(VecDeque::is_empty) == Some(false) {
            request_animation_frame(move || self.let_some_in());
        }
    }
}
