//! The picture itself, and links to its neighbours.

use leptos::prelude::*;
use tintype_dto::Image;
use tintype_imaging::PREVIEW_SIDE;
use uuid::Uuid;
use web_sys::PointerEvent;

use crate::components::Icon;
use crate::library::{Library, Loading, use_library};
use crate::router::{Router, image_address, use_router};
use crate::text;

/// A swipe this far sideways, in CSS pixels, shows the next picture.
const SWIPE: i32 = 60;

/// A sideways swipe.
#[derive(Clone, Copy)]
struct Swipe {
    from: StoredValue<Option<(i32, i32)>>,
    image: Option<Uuid>,
    library: Library,
    router: Router,
}

impl Swipe {
    fn new(image: Option<Uuid>) -> Self {
        Self {
            from: StoredValue::new(None),
            image,
            library: use_library(),
            router: use_router(),
        }
    }

    fn begin(self, event: &PointerEvent) {
        let touches = event.pointer_type() == "touch" && event.is_primary();
        self.from
            .set_value(touches.then(|| (event.client_x(), event.client_y())));
    }

    fn end(self, event: &PointerEvent) {
        let Some((x, y)) = self.from.try_update_value(Option::take).flatten() else {
            return;
        };
        let (right, down) = (event.client_x() - x, event.client_y() - y);
        if right.abs() < SWIPE || right.abs() < 2 * down.abs() {
            return;
        }
        let Some((newer, older)) = self.image.map(|id| untrack(|| self.library.neighbours(id)))
        else {
            return;
        };
        if let Some(id) = if right > 0 { newer } else { older } {
            self.router.replace(&image_address(id));
        }
    }
}

/// The picture, the way back and links to its neighbours. Without an image: only the way back.
#[component]
pub fn Stage(image: Option<Image>) -> impl IntoView {
    let swipe = Swipe::new(image.as_ref().map(|image| image.id));
    view! {
        <div class="stage" on:pointerdown=move |event| swipe.begin(&event) on:pointerup=move |event| swipe.end(&event)>
            <a class="round close" href="/" aria-label=text::CLOSE>
                {Icon::Close.view()}
            </a>
            {image.map(|image| view! { <Neighbours image=image.clone() /> <Picture image /> })}
        </div>
    }
}

/// A click shows it in full size, another one fits it in again.
#[component]
fn Picture(image: Image) -> impl IntoView {
    let zoomed = RwSignal::new(false);
    // A preview is a still picture, and scales; animations and small pictures are shown as they are.
    let scales = !image.animated && image.width.max(image.height) > PREVIEW_SIDE;
    let original = image.links.original;
    let fitted = if scales {
        image.links.preview
    } else {
        original.clone()
    };
    view! {
        <figure class:zoomed=zoomed>
            <button
                type="button"
                aria-label=text::ZOOM
                aria-pressed=move || zoomed.get().to_string()
                on:click=move |_| zoomed.update(|zoomed| *zoomed = !*zoomed)
            >
                <img
                    src=move || if zoomed.get() { original.clone() } else { fitted.clone() }
                    width=image.width
                    height=image.height
                    alt=image.alt.or(image.title).unwrap_or(image.filename)
                    decoding="async"
                    draggable="false"
                />
            </button>
        </figure>
    }
}

#[component]
fn Neighbours(image: Image) -> impl IntoView {
    let library = use_library();
    let ways = Memo::new(move |_| library.neighbours(image.id));
    // Loads more near the end of the loaded images.
    Effect::new(move |_| {
        if ways.get() == (ways.get().0, None) && matches!(library.loading(), Loading::More(Some(_)))
        {
            library.load_more();
        }
    });
    let way = |class: &'static str, name: &'static str, icon: Icon, to| {
        view! {
            <a class=class href=image_address(to) data-replace="" aria-label=name>
                {icon.view()}
            </a>
        }
    };
    view! {
        {move || ways.get().0.map(|to| way("round newer", text::NEWER, Icon::Left, to))}
        {move || ways.get().1.map(|to| way("round older", text::OLDER, Icon::Right, to))}
    }
}
