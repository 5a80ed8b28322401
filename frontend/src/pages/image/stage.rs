use leptos::prelude::*;
use tintype_dto::{ContentType, Image};

use crate::{
    components::Icon,
    library::{Loading, use_library},
    router::image_address,
    text,
};

/// The picture, the way back and the ways to its neighbours. Without an image: only the way back.
#[component]
pub fn Stage(image: Option<Image>) -> impl IntoView {
    view! {
        <div class="stage">
            <a class="round close" href="/" aria-label=text::CLOSE>
                {Icon::Close.view()}
            </a>
            {image.map(|image| view! { <Neighbours image=image.clone() /> <Picture image /> })}
        </div>
    }
}

#[component]
fn Picture(image: Image) -> impl IntoView {
    // A preview stands still, and scales; what moves or is small comes as it is.
    let whole = image.content_type == ContentType::Gif;
    let preview = image.links.preview.filter(|_| !whole);
    view! {
        <figure>
            <img
                src=preview.unwrap_or(image.links.original)
                width=image.width
                height=image.height
                alt=image.title.unwrap_or(image.filename)
                decoding="async"
            />
        </figure>
    }
}

#[component]
fn Neighbours(image: Image) -> impl IntoView {
    let library = use_library();
    let ways = Memo::new(move |_| library.neighbours(image.id));
    // Near the end of what is loaded, there may be more.
    Effect::new(move |_| {
        if ways.get() == (ways.get().0, None) && matches!(library.loading(), Loading::More(Some(_))) {
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
