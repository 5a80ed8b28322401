//! Lists whose rows stay while their keys do.

use std::collections::HashMap;
use std::mem;

use leptos::html::ElementType;
use leptos::prelude::*;
use leptos::tachys::view::any_view::AnyViewState;
use leptos::tachys::view::{Mountable, Render};
use wasm_bindgen::JsCast;
use web_sys::Element;

use crate::watch::watch;

/// One row of a list, to be made when its key is new.
pub struct ListRow {
    key: u128,
    make: Box<dyn FnOnce() -> AnyView>,
}

impl ListRow {
    /// `make` runs when no row has this key yet.
    pub fn new<V: IntoView + 'static>(
        key: impl Into<u128>,
        make: impl FnOnce() -> V + 'static,
    ) -> Self {
        Self {
            key: key.into(),
            make: Box::new(move || make().into_any()),
        }
    }
}

/// A row in the document. It leaves before what it owns does.
struct Shown {
    key: u128,
    view: AnyViewState,
    _owner: Owner,
}

/// The list that shows these rows, which has nothing else in it. A row that stays is not moved while others come and go around it, which
/// [`For`] does: it would lose the focus, and a wall of pictures all its layout.
pub fn rows<E>(each: impl Fn() -> Vec<ListRow> + 'static) -> NodeRef<E>
where
    E: ElementType,
    E::Output: JsCast + Clone + 'static,
{
    let list = NodeRef::<E>::new();
    // A list that is within another's row may have gone with it before it hears of the change.
    let there = move || list.try_get().flatten().map(JsCast::unchecked_into);
    show(Box::new(there), Box::new(each));
    list
}

fn show(list: Box<dyn Fn() -> Option<Element>>, each: Box<dyn Fn() -> Vec<ListRow>>) {
    let owner = Owner::current().unwrap_or_default();
    // What rows do ends with the list; a watch is only let go of some time after that.
    let shown = StoredValue::new_local(Vec::new());
    watch(move || {
        if let (Some(list), Some(before)) = (list(), shown.try_update_value(mem::take)) {
            let wanted = each();
            let now = untrack(|| replace(&list, before, wanted, &owner));
            shown.try_set_value(now);
        }
    });
}

/// Makes the list show what is wanted.
fn replace(list: &Element, shown: Vec<Shown>, wanted: Vec<ListRow>, owner: &Owner) -> Vec<Shown> {
    let mut there: HashMap<_, _> = shown
        .into_iter()
        .enumerate()
        .map(|(at, row)| (row.key, (at, row)))
        .collect();
    let mut rows: Vec<(Option<usize>, Shown)> = wanted
        .into_iter()
        .map(|row| match there.remove(&row.key) {
            Some((at, row)) => (Some(at), row),
            None => (None, make(row, owner)),
        })
        .collect();
    for (_, row) in there.values_mut() {
        row.view.unmount();
    }
    // From the last one to the first: what stood before its follower stays where it is.
    let mut place = usize::MAX;
    for at in (0..rows.len()).rev() {
        let (before, after) = rows.split_at_mut(at + 1);
        match (before.last_mut(), after.first()) {
            (Some((Some(stood), _)), _) if *stood < place => place = *stood,
            (Some((_, row)), Some((_, follower))) => {
                follower.view.insert_before_this(&mut row.view);
            }
            (Some((_, row)), None) => row.view.mount(list, None),
            (None, _) => {}
        }
    }
    rows.into_iter().map(|(_, row)| row).collect()
}

fn make(row: ListRow, owner: &Owner) -> Shown {
    let owner = owner.with(Owner::new);
    Shown {
        key: row.key,
        view: owner.with(|| (row.make)().build()),
        _owner: owner,
    }
}
